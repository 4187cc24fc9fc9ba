//! Devices that left for good: how far it is with each, its archive, and one more that is to leave.

use super::may_provision;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::pages::decommission::Decommission;
use crate::params::path_of;
use crate::routing::Router;
use crate::ui::{
    Button, Choice, Deed, Dialog, Empty, Field, Form, Icon, Toasts, Tone, ago, badge, load, loaded_ref,
    open_while,
};
use crate::words::around;
use gloo_timers::callback::Interval;
use shared::api::{DecommissionedDevice, DecommissionedList};

/// How often the list is read while a device is still to come once more.
const READ_EVERY_MS: u32 = 3_000;

#[component]
pub(super) fn Decommissioned() -> impl IntoView {
    let api = expect_context::<Api>();
    let list = load(move || api.get::<DecommissionedList>("/decommissioned"));
    let waits = |list: &DecommissionedList| list.items.iter().any(|device| device.wipe_pending);
    let pending = Memo::new(move |_| list.look(waits) == Some(true));
    Effect::new(move |_| {
        if pending.get() {
            let read = move || {
                if !list.busy.get_untracked() {
                    list.again();
                }
            };
            StoredValue::new(Interval::new(READ_EVERY_MS, read));
        }
    });
    let readmitting = RwSignal::new(None::<String>);
    let changed = Callback::new(move |()| list.again());
    view! {
        <div class="pv-split">
            {may_provision().then(|| view! { <Leaving changed=changed /> })}
            <section class="panel scroll" tabindex="0" aria-labelledby="pv-left">
                <header><h2 id="pv-left">"Decommissioned devices"</h2></header>
                {loaded_ref(list, "The devices could not be read", move |list| table(list, readmitting))}
            </section>
        </div>
        <Readmit endpoint=readmitting changed=changed />
    }
}

/// The choice of a device that is to leave, and what that means for it.
#[component]
fn Leaving(changed: Callback<()>) -> impl IntoView {
    let router = expect_context::<Router>();
    let chosen = router.param("device");
    let typed = RwSignal::new(chosen.get_untracked().unwrap_or_default());
    let choose = Callback::new(move |()| {
        router.set_params(&[("device", Some(typed.get_untracked().trim()))], true);
    });
    let done = Callback::new(move |()| {
        typed.set(String::new());
        router.set_params(&[("device", None)], false);
        changed.run(());
    });
    view! {
        <section class="panel pv-body" aria-labelledby="pv-leaving">
            <h2 id="pv-leaving">"Decommission a device"</h2>
            <Form deed=Deed::new() send=choose kind="" button="What will happen?">
                <Field id="pv-leaves" label="Endpoint" value=typed code=true hint="What will happen is told first." />
            </Form>
            {move || chosen.get().map(|endpoint| view! { <Decommission endpoint=endpoint done=done /> })}
        </section>
    }
}

fn table(list: &DecommissionedList, readmitting: RwSignal<Option<String>>) -> View {
    if list.items.is_empty() {
        return view! {
            <Empty icon="exit" title="No device was decommissioned" text="A device that leaves for good stands here, with its history in an archive." />
        };
    }
    view! {
        <table class="table stacked" aria-label="Decommissioned devices">
            <thead>
                <tr>
                    <th scope="col">"Endpoint"</th>
                    <th scope="col">"How far"</th>
                    <th scope="col">"When"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{list.items.iter().map(|device| row(device, readmitting)).collect_view()}</tbody>
        </table>
    }
}

fn row(device: &DecommissionedDevice, readmitting: RwSignal<Option<String>>) -> View {
    let endpoint = &*device.endpoint;
    let far = if device.wipe_pending {
        view! { {badge("Waits for its next bootstrap", Tone::Accent, "clock")}<span class="muted block">"Refused; its account here is deleted on it when it asks."</span> }
    } else {
        view! { {badge("Done", Tone::Good, "check")}<span class="muted block">"Refused from now on."</span> }
    };
    let operate = may_provision().then(|| {
        let archive = device.archive.then(|| {
            let href = path_of("/api/v1/decommissioned/", endpoint, "/archive");
            let label = Text::around("Save the archive of ", endpoint, "");
            let name = Text::around("", endpoint, ".jsonl");
            view! { <a class="btn s" href=href download=name aria-label=label><Icon name="download" />"Archive"</a> }
        });
        let label = Text::around("Let ", endpoint, " come again");
        let endpoint = endpoint.to_owned();
        let again = Callback::new(move |()| readmitting.set(Some(endpoint.clone())));
        view! { {archive}<Button small=true label=label on_press=again>"Let it come again"</Button> }
    });
    view! {
        <tr data-row="">
            <td data-label="Endpoint" class="wrap mono">{Text::from(endpoint)}</td>
            <td data-label="How far" class="wrap"><div>{far}</div></td>
            <td data-label="When" class="wrap"><span>{ago(device.at)}<span class="muted">" by "{Text::from(&*device.by)}</span></span></td>
            <td class="row-actions">{operate}</td>
        </tr>
    }
}

#[component]
fn Readmit(endpoint: RwSignal<Option<String>>, changed: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let open = open_while(endpoint);
    let busy = RwSignal::new(false);
    let go = Callback::new(move |()| {
        let Some(name) = endpoint.get_untracked() else {
            return;
        };
        busy.set(true);
        let path = path_of("/decommissioned/", &name, "");
        api.delete(&path).then(move |answer| {
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => toasts.say(Tone::Good, around("", &name, " may come again, as a new device")),
                Err(failure) => toasts.say(Tone::Bad, failure.to_string()),
            }
            open.set(false);
            changed.run(());
        });
    });
    let back = Callback::new(move |()| open.set(false));
    view! {
        <Dialog open=open title="Let it come again?">
            <p>"It is a new device when it comes: without label, tags, history and credential. Its archive can not be saved from here any more."</p>
            <p class="mono">{move || endpoint.get()}</p>
            <Choice back="Cancel" on_back=back kind="primary" busy=busy on_press=go button="Let it come again" />
        </Dialog>
    }
}
