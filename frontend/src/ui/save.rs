//! A text that is saved as a file.

use crate::dom::prelude::*;
use wasm_bindgen::JsCast;

/// Has the browser save a text under a name.
pub(crate) fn save_text(name: &str, media_type: &str, text: &str) {
    let parts = js_sys::Array::of1(&text.into());
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type(media_type);
    let made = web_sys::Blob::new_with_str_sequence_and_options(&parts, &kind)
        .and_then(|blob| web_sys::Url::create_object_url_with_blob(&blob));
    let (Ok(url), Ok(element)) = (made, document().create_element("a")) else {
        return;
    };
    let anchor: web_sys::HtmlAnchorElement = element.unchecked_into();
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    // Revoking what was made cannot fail.
    drop(web_sys::Url::revoke_object_url(&url));
}
