//! The two WASM modules of the page: what everybody loads first, and all pages that are not shown at once, which the browser
//! loads when somebody first goes to one of them.
//!
//! `cargo xtask build` cuts the page at what [`module`] declares: what only such pages call goes into their module. Any other
//! build leaves all in one, and nothing is waited for. It is one module for all of them, because what several pages share
//! would otherwise come in pieces of its own: seven modules were a sixth more to load.

use crate::dom::prelude::*;
use crate::reactive::spawn_local;
use crate::ui::{Skeleton, Trouble};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Makes a page. Which device, filter and so on it shows, it reads from the address.
pub(crate) type MakePage = fn() -> View;

/// Gives the page once its module is there.
pub(crate) type Loading = Pin<Box<dyn Future<Output = Result<MakePage, NotLoaded>>>>;

/// A module could not be loaded. The browser's console has the reason.
#[derive(Debug)]
pub(crate) struct NotLoaded;

#[cfg(split_page)]
impl From<wasm_split_helpers::SplitLoaderError> for NotLoaded {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> NotLoaded {
        NotLoaded
    }
}

/// Declares a function `$page` that loads the module of the pages and gives what `$make` makes.
macro_rules! module {
    ($page:ident, $make:path) => {
        pub(crate) fn $page() -> $crate::module::Loading {
            #[cfg(split_page)]
            #[wasm_split_helpers::wasm_split(pages, fallible, wasm_split_path = wasm_split_helpers)]
            fn of_module() -> Result<$crate::module::MakePage, $crate::module::NotLoaded> {
                Ok($make)
            }
            #[cfg(not(split_page))]
            async fn of_module() -> Result<$crate::module::MakePage, $crate::module::NotLoaded> {
                Ok($make)
            }
            Box::pin(of_module())
        }
    };
}
pub(crate) use module;

#[derive(Debug, Clone, Copy)]
enum State {
    Loading,
    Ready(MakePage),
    Failed,
}

/// Shows the page of a module, and until it is there that it is loading, or that it could not be loaded.
#[component]
pub(crate) fn Lazy(load: fn() -> Loading) -> View {
    let state = RwSignal::new(State::Loading);
    start(load, state);
    let shown = move || match state.get() {
        State::Loading => view! { <Skeleton lines=9 /> },
        State::Ready(make) => untrack(make),
        State::Failed => {
            let retry = Callback::new(move |()| {
                state.set(State::Loading);
                start(load, state);
            });
            view! {
                <Trouble
                    title="This part of the page could not be loaded"
                    text="The server is away, or has another version by now. If trying again does not help, reload the page."
                    on_retry=retry
                />
            }
        }
    };
    shown.into_view()
}

/// Loads a module. One that is there already is shown at once.
fn start(load: fn() -> Loading, state: RwSignal<State>) {
    let mut loading = load();
    let done = move |result: Result<MakePage, NotLoaded>| {
        state.set(match result {
            Ok(make) => State::Ready(make),
            Err(NotLoaded) => State::Failed,
        });
    };
    match loading.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => done(result),
        Poll::Pending => spawn_local(async move { done(loading.await) }),
    }
}
