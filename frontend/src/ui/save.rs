//! What is saved as a file.

use crate::dom::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// Has the browser save a text under a name.
pub(crate) fn save_text(name: &str, media_type: &str, text: &str) {
    save(name, media_type, &text.into());
}

/// The same with bytes.
pub(crate) fn save_bytes(name: &str, media_type: &str, bytes: &[u8]) {
    save(name, media_type, &js_sys::Uint8Array::from(bytes).into());
}

/// Has the browser save what is at an address of the server, under the name that the server gives it.
pub(crate) fn save_from(href: &str) {
    if let Ok(element) = document().create_element("a") {
        let anchor: web_sys::HtmlAnchorElement = element.unchecked_into();
        anchor.set_href(href);
        anchor.set_download("");
        anchor.click();
    }
}

fn save(name: &str, media_type: &str, content: &JsValue) {
    let parts = js_sys::Array::of1(content);
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type(media_type);
    // A text and bytes are both parts of a blob.
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
