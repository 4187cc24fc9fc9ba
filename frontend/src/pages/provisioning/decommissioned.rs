//! Devices that left for good: how far it is with each, its archive, and one more that is to leave.

use super::may_provision;
use crate::api::Api;
use crate::dom::prelude::*;
use crate::pages::decommission::Decommission;
use crate::params::encode_segment;
use crate::reactive::spawn_local;
use crate::routing::Router;
use crate::ui::{Ago, Badge, Button, Dialog, Empty, Field, Icon, Load, Toasts, Tone, load, loaded};
use gloo_timers::callback::Interval;
use shared::api::{DecommissionedDevice, DecommissionedList};

/// How often the list is read while a device is still to come once more.
const READ_EVERY_MS: u32 = 3_000;

#[component]
pub(super) fn Decommissioned() -> impl IntoView {
    let api = expect_context::<Api>();
    let list = load(move || async move { api.get::<DecommissionedList>("/decommissioned").await });
    let pending = Memo::new(move |_| {
        list.state.with(|state| match state {
            Load::Ready(list) => list.items.iter().any(|device| device.wipe_pending),
            _ => false,
        })
    });
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
                {loaded(list, "The devices could not be read", move |list| table(list, readmitting))}
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
    let choose = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        router.set_params(&[("device", Some(typed.get_untracked().trim()))], true);
    };
    let done = Callback::new(move |()| {
        typed.set(String::new());
        router.set_params(&[("device", None)], false);
        changed.run(());
    });
    view! {
        <section class="panel pv-body" aria-labelledby="pv-leaving">
            <h2 id="pv-leaving">"Decommission a device"</h2>
            <form class="form" on:submit=choose novalidate=true>
                <Field id="pv-leaves" label="Endpoint" value=typed code=true hint="What will happen is told first." />
                <div class="actions"><Button submit=true>"What will happen?"</Button></div>
            </form>
            {move || chosen.get().map(|endpoint| view! { <Decommission endpoint=endpoint done=done /> })}
        </section>
    }
}

fn table(list: DecommissionedList, readmitting: RwSignal<Option<String>>) -> View {
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
            <tbody>{list.items.into_iter().map(|device| row(device, readmitting)).collect_view()}</tbody>
        </table>
    }
}

fn row(device: DecommissionedDevice, readmitting: RwSignal<Option<String>>) -> View {
    let endpoint = device.endpoint;
    let far = if device.wipe_pending {
        view! { <Badge text="Waits for its next bootstrap" tone=Tone::Accent icon="clock" /><span class="muted block">"Refused; its account here is deleted on it when it asks."</span> }
    } else {
        view! { <Badge text="Done" tone=Tone::Good icon="check" /><span class="muted block">"Refused from now on."</span> }
    };
    let operate = may_provision().then(|| {
        let archive = device.archive.then(|| {
            let href = format!("/api/v1/decommissioned/{}/archive", encode_segment(&endpoint));
            let label = format!("Save the archive of {endpoint}");
            let name = format!("{endpoint}.jsonl");
            view! { <a class="btn s" href=href download=name aria-label=label><Icon name="download" />"Archive"</a> }
        });
        let again = {
            let endpoint = endpoint.clone();
            Callback::new(move |()| readmitting.set(Some(endpoint.clone())))
        };
        let label = format!("Let {endpoint} come again");
        view! { {archive}<Button small=true label=label on_press=again>"Let it come again"</Button> }
    });
    view! {
        <tr data-row="">
            <td data-label="Endpoint" class="wrap mono">{endpoint}</td>
            <td data-label="How far" class="wrap"><div>{far}</div></td>
            <td data-label="When" class="wrap"><span><Ago at=Some(device.at) focusable=true /><span class="muted">{format!(" by {}", device.by)}</span></span></td>
            <td class="row-actions">{operate}</td>
        </tr>
    }
}

#[component]
fn Readmit(endpoint: RwSignal<Option<String>>, changed: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    Effect::new(move |_| {
        let wanted = endpoint.with(Option::is_some);
        if open.get_untracked() != wanted {
            open.set(wanted);
        }
    });
    Effect::new(move |_| {
        if !open.get() && endpoint.with_untracked(Option::is_some) {
            endpoint.set(None);
        }
    });
    let go = Callback::new(move |()| {
        let Some(name) = endpoint.get_untracked() else {
            return;
        };
        busy.set(true);
        spawn_local(async move {
            let answer = api
                .delete(&format!("/decommissioned/{}", encode_segment(&name)))
                .await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => toasts.say(Tone::Good, format!("{name} may come again, as a new device")),
                Err(failure) => toasts.say(Tone::Bad, failure.to_string()),
            }
            open.set(false);
            changed.run(());
        });
    });
    view! {
        <Dialog open=open title="Let it come again?">
            <p>"It is a new device when it comes: without label, tags, history and credential. Its archive can not be saved from here any more."</p>
            <p class="mono">{move || endpoint.get()}</p>
            <div class="actions">
                <Button on_press=Callback::new(move |()| open.set(false))>"Cancel"</Button>
                <Button kind="primary" busy=busy on_press=go>"Let it come again"</Button>
            </div>
        </Dialog>
    }
}
