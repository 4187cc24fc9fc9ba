//! A CSV file of many devices: chosen and looked at ([`choose`]), sent while its progress is shown, and reported row by
//! row ([`report`]). Which import is shown is in the address, so that its report has a link.

mod choose;
mod latest;
mod report;

use super::may_provision;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::params::path_of;
use crate::routing::Router;
use crate::ui::{Empty, Load, load, loaded_ref};
use choose::Choose;
use latest::Latest;
use report::report;
use shared::api::{ErrorCode, ImportList, ImportState, ImportView};

#[component]
pub(super) fn Import() -> impl IntoView {
    let api = expect_context::<Api>();
    let shown = expect_context::<Router>().param("import");
    let list = load(move || api.get::<ImportList>("/imports"));
    let changed = Callback::new(move |()| list.again());
    // The import whose file is on its way from here.
    let sending = RwSignal::new(None::<String>);
    view! {
        <div class="pv-column">
            {if may_provision() {
                view! { <Choose sending=sending changed=changed /> }
            } else {
                view! { <div class="panel"><Empty icon="lock" title="Importing takes the role operator" text="The imports of others are shown below." /></div> }
            }}
            {move || shown.get().map(|id| view! { <Followed id=id sending=sending changed=changed /> })}
            <Latest list=list />
        </div>
    }
}

/// One import, read again whenever the feed says that it went on.
#[component]
fn Followed(id: String, sending: RwSignal<Option<String>>, changed: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let path = path_of("/imports/", &id, "");
    let import = load(move || {
        let path = path.clone();
        let on_its_way = sending.with_untracked(|sending| sending.as_ref() == Some(&id));
        async move {
            match api.get::<ImportView>(&path).await {
                Ok(view) => Ok(Some(view)),
                // The server has not seen the beginning of the file yet.
                Err(failure) if on_its_way && failure.is(ErrorCode::NotFound) => Ok(None),
                Err(failure) => Err(failure),
            }
        }
    });
    let is_over = Memo::new(move |_| {
        import.state.with(|state| match state {
            Load::Ready(Some(view)) => view.state != ImportState::Running,
            Load::Failed(_) => true,
            Load::Ready(None) | Load::Loading => false,
        })
    });
    Effect::new(move |before: Option<bool>| {
        if is_over.get() {
            if before == Some(false) {
                changed.run(());
            }
            return true;
        }
        crate::pages::provisioning::follow(import);
        false
    });
    loaded_ref(import, "There is no such import", move |view| match view {
        None => view! { <progress class="progress" aria-label="Sending"></progress> },
        Some(view) => {
            let changed = Callback::new(move |()| {
                import.again();
                changed.run(());
            });
            report(view, changed)
        }
    })
}
