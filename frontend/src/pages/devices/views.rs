//! Saved views: a query with its sort and columns, by name; one's own and those that are shared with everybody.

use crate::api::Api;
use crate::dom::prelude::*;
use crate::params::Params;
use crate::routing::{Route, Router};
use crate::session::Session;
use crate::ui::{Button, Deed, Dialog, Field, Icon, Menu, Toasts, Tone};
use shared::api::{DeviceColumn, Role, SavedView, SavedViewRequest};

/// The menu of views. `read` is called when they changed.
#[component]
pub(super) fn Views(
    #[prop(into)] views: Signal<Vec<SavedView>>,
    #[prop(into)] columns: Signal<Vec<DeviceColumn>>,
    read: Callback<()>,
) -> impl IntoView {
    let saving = RwSignal::new(false);
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let session = expect_context::<Session>();
    let forget = move |view: SavedView| {
        let removed = api.delete(&format!("/views/{}", view.id));
        removed.then(move |removed| match removed {
            Ok(()) => {
                toasts.say(Tone::Good, format!("The view “{}” is removed", view.name));
                read.run(());
            }
            Err(failure) => toasts.say(Tone::Bad, format!("Not removed. {failure}")),
        });
    };
    let line = move |view: SavedView| {
        let name = view.name.clone();
        let is_own = session
            .account()
            .is_some_and(|account| account.username == view.owner);
        let removable = is_own || session.may(Role::Operator);
        let note = (view.shared && !is_own).then(|| format!("by {}", view.owner));
        let href = href_of(&view);
        let label = format!("Remove the view {name}");
        view! {
            <li>
                <a class="menu-item" href=href>
                    {name}
                    <span class="muted">{note.or_else(|| view.shared.then(|| "shared".into()))}</span>
                </a>
                {removable
                    .then(|| {
                        let press = Callback::new(move |()| forget(view.clone()));
                        view! { <Button kind="quiet" small=true icon="trash" label=label on_press=press /> }
                    })}
            </li>
        }
    };
    let save = Callback::new(move |()| saving.set(true));
    view! {
        <Menu icon="list" word="Views" label="Saved views">
            <ul class="view-lines">
                {move || views.get().into_iter().map(line).collect_view()}
            </ul>
            <p class="muted menu-note" hidden=move || views.with(|views| !views.is_empty())>
                "No view is saved yet. A view keeps the query, the order and the columns under a name."
            </p>
            <button type="button" class="menu-item" on:click=move |_| save.run(())>
                <Icon name="plus" />
                "Save this view…"
            </button>
        </Menu>
        <Dialog open=saving title="Save this view">
            <SaveForm open=saving columns=columns read=read />
        </Dialog>
    }
}

/// The address of the list as the view has it.
fn href_of(view: &SavedView) -> String {
    let columns = DeviceColumn::join(&view.columns);
    let sort = Some(view.sort.as_str()).filter(|sort| *sort != super::query::DEFAULT_SORT);
    let params = Params::default()
        .with("query", Some(&view.query))
        .with("sort", sort)
        .with("columns", Some(&columns));
    Route::Devices.href() + &params.to_query()
}

#[component]
fn SaveForm(open: RwSignal<bool>, columns: Signal<Vec<DeviceColumn>>, read: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let session = expect_context::<Session>();
    let which = super::which(expect_context::<Router>());
    let name = RwSignal::new(String::new());
    let shared = RwSignal::new(false);
    let deed = Deed::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let which = which.get_untracked();
        let request = SavedViewRequest {
            name: name.get_untracked().trim().to_owned(),
            query: which.query.unwrap_or_default(),
            sort: which.sort,
            columns: columns.get_untracked(),
            shared: shared.get_untracked(),
        };
        if request.name.is_empty() {
            deed.trouble.set(Some("A view needs a name.".into()));
            return;
        }
        deed.begin(api.post("/views", &request), move |view: SavedView| {
            open.set(false);
            toasts.say(Tone::Good, format!("The view “{}” is saved", view.name));
            read.run(());
        });
    };
    view! {
        <form class="form" on:submit=submit>
            <Field
                id="view-name"
                label="Name"
                value=name
                error=deed.trouble
                hint=Signal::derive(|| "A view of yours with the same name is replaced.".to_owned())
                autofocus=true
            />
            <Show when=move || session.may(Role::Operator)>
                <label class="checkbox">
                    <input type="checkbox" on:change=move |event| shared.set(event_target_checked(&event)) />
                    "Everybody sees it"
                </label>
            </Show>
            <div class="actions">
                <Button kind="primary" submit=true busy=deed.busy>"Save"</Button>
            </div>
        </form>
    }
}
