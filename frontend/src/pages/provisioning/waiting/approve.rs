//! The dialog that lets a waiting device in, and what is said of it on that occasion.

use crate::api::Api;
use crate::api::Method;
use crate::dom::prelude::*;
use crate::pages::provisioning::configurations::configuration_choice;
use crate::pages::provisioning::given;
use crate::params::path_of;
use crate::ui::{Deed, Dialog, Field, Form, Icon, Lines, Toasts, Tone, open_while, pairs};
use crate::words::around;
use shared::api::{Approval, WaitingDevice};

/// What is said of a device that is let in, by a person or by a rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    configuration: RwSignal<String>,
    label: RwSignal<String>,
    group: RwSignal<String>,
    tags: RwSignal<String>,
    notes: RwSignal<String>,
}

impl Said {
    pub(super) fn new() -> Said {
        let text = || RwSignal::new(String::new());
        Said {
            configuration: text(),
            label: text(),
            group: text(),
            tags: text(),
            notes: text(),
        }
    }

    pub(super) fn approval(self) -> Result<Approval, String> {
        Ok(Approval {
            configuration: given(self.configuration),
            label: given(self.label),
            group: given(self.group),
            tags: pairs(&self.tags.get_untracked(), "Tags")?,
            metadata: pairs(&self.notes.get_untracked(), "Notes")?,
        })
    }
}

#[component]
pub(super) fn Saying(id: &'static str, said: Said) -> impl IntoView {
    view! {
        {configuration_choice(Text::around(id, "-configuration", ""), said.configuration)}
        <div class="pv-pair">
            <Field id=Text::around(id, "-label", "") label="Label" value=said.label />
            <Field id=Text::around(id, "-group", "") label="Group" value=said.group />
        </div>
        <details class="pv-more">
            <summary>"Tags and notes"</summary>
            <Lines id=if id == "pv-rule" { "pv-rule-tags" } else { "pv-approve-tags" } label="Tags" value=said.tags hint="One a line, as site=berlin." />
            <Lines id=if id == "pv-rule" { "pv-rule-notes" } else { "pv-approve-notes" } label="Notes" value=said.notes hint="One a line. Only shown." />
        </details>
    }
}

#[component]
pub(super) fn Approve(device: RwSignal<Option<WaitingDevice>>, changed: Callback<()>) -> impl IntoView {
    let open = open_while(device);
    view! {
        <Dialog open=open title="Let this device in">
            {device.get_untracked().map(|device| view! { <Asking device=device open=open changed=changed /> })}
        </Dialog>
    }
}

#[component]
fn Asking(device: WaitingDevice, open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let said = Said::new();
    let deed = Deed::new();
    let unsecured = device.security == "none";
    let endpoint = device.endpoint;
    let name = Text::from(&*endpoint);
    let send = Callback::new(move |()| {
        if !deed.may_begin(true) {
            return;
        }
        let approval = match said.approval() {
            Ok(approval) => approval,
            Err(words) => return deed.refuse(words),
        };
        let words = around(
            "",
            &endpoint,
            " is let in. It gets its configuration when it asks again.",
        );
        let path = path_of("/bootstrap/waiting/", &endpoint, "");
        deed.begin(api.tell(Method::POST, &path, &approval), move |()| {
            if !deed.is_gone() {
                toasts.say(Tone::Good, words);
                open.set(false);
                changed.run(());
            }
        });
    });
    let close = Callback::new(move |()| open.set(false));
    view! {
        <Form deed=deed send=send button="Let it in" cancel=close below=true>
            <p class="mono">{name}</p>
            {unsecured.then(|| view! { <p class="notice tone-warning"><Icon name="warning" />"It came without security: whoever knows this name can be it, and read what it is told."</p> })}
            <Saying id="pv-approve" said=said />
        </Form>
    }
}
