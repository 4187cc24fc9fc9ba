//! What is done a little later, on the same thread.

use std::future::Future;

/// Runs a future to its end.
pub(crate) fn spawn_local(future: impl Future<Output = ()> + 'static) {
    spawn(Box::pin(future));
}

fn spawn(future: std::pin::Pin<Box<dyn Future<Output = ()>>>) {
    wasm_bindgen_futures::spawn_local(future);
}

/// Does something after what is being done, before the browser draws. Tests without a browser do it themselves.
pub(super) fn soon(act: fn()) {
    if cfg!(target_arch = "wasm32") {
        spawn(Box::pin(async move { act() }));
    }
}
