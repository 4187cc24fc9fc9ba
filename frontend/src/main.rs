//! Muster's page: a client-side application over the REST interface and the live feed.
//!
//! - [`routing`]: every address; [`app`] chooses the page by it. [`pages`] has one folder or file per page.
//! - [`api`], [`live`]: the server; [`session`]: who is logged in; [`clock`]: what time it is there.
//! - [`module`]: pages that are loaded when somebody goes there.
//! - [`frame`]: what is around every page; [`palette`]: any device, page or action by typing; [`keys`]: the keyboard.
//! - [`crash`]: what is said when the page itself is at its end.
//! - [`ui`]: the primitives that pages are made of.
//! - [`words`], [`params`]: pure helpers, tested natively; `stage`: where components are tested, in a browser.

// The `component` macro writes `pub` for what it derives from a component that is not.
#![allow(unreachable_pub)]

mod api;
mod app;
mod clock;
mod crash;
mod dom;
mod frame;
mod keys;
mod live;
mod module;
mod pages;
mod palette;
mod params;
mod reactive;
mod recent;
mod routing;
mod session;
#[cfg(all(test, target_arch = "wasm32"))]
mod stage;
mod theme;
mod ui;
mod words;

/// A third of the code of the standard library's, and faster.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

fn main() {
    crash::start();
    dom::mount(app::App);
}
