//! The removal of the device: for good, or only what is known of it.

use super::refusal::refusal;
use super::store::Device;
use crate::dom::prelude::*;
use crate::pages::decommission::Decommission;
use crate::routing::{ProvisioningPart, Route, Router};
use crate::ui::{Button, Deed, Dialog, Field, Tone};

#[component]
pub(super) fn Removal() -> impl IntoView {
    let device = expect_context::<Device>();
    let router = expect_context::<Router>();
    let decommissioning = RwSignal::new(false);
    let forgetting = RwSignal::new(false);
    router.on_asked("decommission", move || decommissioning.set(true));
    // How far it is, is told there.
    let gone = Callback::new(move |()| {
        device.toasts().say(Tone::Good, "The device is decommissioned");
        router.go(&ProvisioningPart::Decommissioned.route().href());
    });
    view! {
        <section class="panel settings-form" aria-labelledby="remove-title">
            <h2 id="remove-title">"Remove this device"</h2>
            <p class="quiet">
                "Decommission it when it leaves for good: its credential is revoked, its observations and its queue end, its history \
                 is archived, and it is refused when it comes back. Forget it when it should begin anew: what is known of it is \
                 deleted, its credentials with it, and it appears as a new device when it registers again."
            </p>
            <p class="bar">
                <Button kind="danger" icon="trash" on_press=Callback::new(move |()| decommissioning.set(true))>"Decommission…"</Button>
                <Button kind="danger" on_press=Callback::new(move |()| forgetting.set(true))>"Forget…"</Button>
            </p>
        </section>
        <Dialog open=decommissioning title="Decommission this device?">
            <Decommission endpoint=device.endpoint() done=gone />
        </Dialog>
        <Dialog open=forgetting title="Forget this device?">
            <Forget open=forgetting />
        </Dialog>
    }
}

#[component]
fn Forget(open: RwSignal<bool>) -> impl IntoView {
    let device = expect_context::<Device>();
    let router = expect_context::<Router>();
    let typed = RwSignal::new(String::new());
    let deed = Deed::new();
    let wrong = Signal::derive(move || typed.get().trim() != device.endpoint());
    let forget = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if wrong.get_untracked() || deed.busy.get_untracked() {
            return;
        }
        deed.begin(device.api().delete(&device.path("?forget=true")), move |()| {
            if !device.is_gone() {
                device.toasts().say(Tone::Good, "The device is forgotten");
                router.go(&Route::Devices.href());
            }
        });
    };
    view! {
        <form class="form" on:submit=forget>
            <p>"Its values, history, queue, label, tags and credentials are lost. Type the endpoint name to confirm:"</p>
            <p class="mono">{device.endpoint()}</p>
            <Field id="remove-name" label="Endpoint name" value=typed code=true autofocus=true />
            {refusal(deed.trouble)}
            <footer class="dialog-foot">
                <Button on_press=Callback::new(move |()| open.set(false))>"Cancel"</Button>
                <Button kind="danger" submit=true busy=deed.busy disabled=wrong>"Forget"</Button>
            </footer>
        </form>
    }
}
