//! Every primitive of the page in every state, for who changes one: at `/gallery` in a development build, and in no other.
//!
//! - [`controls`]: what is pressed and filled in. [`tables`]: tables, trees and tabs. [`notices`]: what is said, and what stands
//!   where there is nothing to say.

mod controls;
mod notices;
mod tables;

use crate::app::set_title;
use crate::dom::prelude::*;
use crate::frame::ThemeChoice;

crate::module::module!(gallery, page);

fn page() -> View {
    set_title("Gallery");
    view! {
        <div class="bar page-head">
            <h1>"Gallery"</h1>
            <span class="muted">"Every primitive in every state, in development builds only"</span>
            <div class="end"><ThemeChoice name="gallery-theme" /></div>
        </div>
        <div class="cards gallery">
            {controls::all()}
            {tables::all()}
            {notices::all()}
        </div>
    }
}

/// One primitive: its name, and its states.
fn specimen(name: &'static str, states: View) -> View {
    let id = format!("gallery-{}", name.to_lowercase().replace(' ', "-"));
    view! {
        <section class="panel" aria-labelledby=id.clone()>
            <header><h2 id=id>{name}</h2></header>
            <div class="pad stack">{states}</div>
        </section>
    }
}
