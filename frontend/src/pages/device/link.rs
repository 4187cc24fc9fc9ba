//! A link that shows this device to a colleague without an account: made here, and listed and revoked.

use super::store::Device;
use crate::dom::prelude::*;
use crate::routing::Router;
use crate::ui::{Button, Deed, Dialog, Due, Field, Select, Toasts, Told, Tone, load, loaded_in, owned};
use shared::api::{LinkCreated, LinkList, LinkView, NewLink, Role};

/// Hours, and a word for them.
const LIFETIMES: [(&str, &str); 3] = [("1", "An hour"), ("24", "A day"), ("168", "A week")];

/// The button at the head of the page, with its dialog.
#[component]
pub(super) fn LinkButton() -> impl IntoView {
    let device = expect_context::<Device>();
    let open = RwSignal::new(false);
    device.may(Role::Operator).then(|| {
        expect_context::<Router>().on_asked("link", move || open.set(true));
        view! {
            <span data-tip="Shows this device to somebody without an account, to read only, for a time">
                <Button small=true icon="link" on_press=Callback::new(move |()| open.set(true))>"Give out a link"</Button>
            </span>
            <Dialog open=open title="A link to this device">
                <Links open=open />
            </Dialog>
        }
    })
}

#[component]
fn Links(open: RwSignal<bool>) -> impl IntoView {
    let device = expect_context::<Device>();
    let links = load(move || device.get::<LinkList>("/links"));
    let made = RwSignal::new(None::<String>);
    let again = Callback::new(move |()| links.again());
    move || match made.get() {
        None => view! {
            <Make made=made />
            {loaded_in(8, links, "The links that are out could not be read", move |list| out(list, again))}
        },
        Some(secret) => {
            let origin = window().location().origin().unwrap_or_default();
            let lines = vec![("Link", origin + "/link#" + &secret)];
            let done = Callback::new(move |()| open.set(false));
            view! { <Told text="Copy the link now and send it on: it is not shown again. Whoever has it sees this device." lines=lines on_done=done /> }
        }
    }
}

#[component]
fn Make(made: RwSignal<Option<String>>) -> impl IntoView {
    let device = expect_context::<Device>();
    let hours = RwSignal::new("24".to_owned());
    let note = RwSignal::new(String::new());
    let deed = Deed::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if deed.busy.get_untracked() {
            return;
        }
        let link = NewLink {
            hours: hours.with_untracked(|hours| hours.parse().unwrap_or(1)),
            note: Some(note.get_untracked()).filter(|note| !note.trim().is_empty()),
        };
        let asked = device.api().post::<LinkCreated>(&device.path("/links"), &link);
        deed.begin(asked, move |created| made.set(Some(created.secret)));
    };
    let lifetimes = owned(&LIFETIMES);
    view! {
        <form class="form" on:submit=submit novalidate=true>
            {deed.notice()}
            <p>
                "Whoever has the link sees this device as it is and as it changes, without an account: its state, values, and what \
                 happened. They change nothing and see no other device and no message."
            </p>
            <Select id="link-hours" label="Holds for" value=hours options=lifetimes />
            <Field id="link-note" label="Note" value=note hint="For whom it is. May be left empty." />
            <div class="actions"><Button kind="primary" icon="link" submit=true busy=deed.busy>"Make the link"</Button></div>
        </form>
    }
}

/// The links that are out and hold still.
fn out(list: &LinkList, again: Callback<()>) -> View {
    let now = expect_context::<Device>().clock().exactly();
    let mut rows = Vec::new();
    for link in &list.items {
        if link.expires > now {
            rows.push(row(link, again));
        }
    }
    if rows.is_empty() {
        return View::Empty;
    }
    view! {
        <h3>"Links that are out"</h3>
        <ul class="changes">{rows}</ul>
    }
}

fn row(link: &LinkView, again: Callback<()>) -> View {
    let device = expect_context::<Device>();
    let toasts = expect_context::<Toasts>();
    let busy = RwSignal::new(false);
    let id = link.id;
    let revoke = Callback::new(move |()| {
        busy.set(true);
        device.api().delete(&format!("/links/{id}")).then(move |answer| {
            busy.try_set(false);
            match answer {
                Ok(()) => toasts.say(Tone::Good, "The link was revoked"),
                Err(failure) => toasts.say(Tone::Bad, failure.to_string()),
            }
            again.run(());
        });
    });
    let what = link.note.as_deref().unwrap_or("Without a note");
    let label = ["Revoke the link: ", what].concat();
    view! {
        <li class="link-out">
            <div>
                <b>{Text::from(what)}</b>
                <span class="block muted">
                    "by " {Text::from(link.created_by.as_str())} ", ends " <Due at=Some(link.expires) focusable=true /> ", "
                    {if link.opened.is_some() {
                        view! { "opened " <Due at=link.opened focusable=true /> }
                    } else {
                        view! { "not opened yet" }
                    }}
                </span>
            </div>
            <Button small=true kind="danger" icon="trash" busy=busy label=label on_press=revoke />
        </li>
    }
}
