//! The dialog that lets a waiting device in, and what is said of it on that occasion.

use crate::api::Api;
use crate::api::Method;
use crate::dom::prelude::*;
use crate::pages::provisioning::configurations::names;
use crate::params::encode_segment;
use crate::reactive::spawn_local;
use crate::ui::{Button, Dialog, Field, Icon, Lines, Select, Toasts, Tone, pairs};
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
        let given = |text: RwSignal<String>| {
            Some(text.get_untracked().trim().to_owned()).filter(|text| !text.is_empty())
        };
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
    let api = expect_context::<Api>();
    let found = names(api);
    let chosen = move || {
        let mut options = vec![(String::new(), "By rule, or none".to_owned())];
        options.extend(found.get().into_iter().map(|name| (name.clone(), name)));
        view! { <Select id=format!("{id}-configuration") label="Bootstrap configuration" value=said.configuration options=options /> }
    };
    view! {
        {chosen}
        <div class="pv-pair">
            <Field id=format!("{id}-label") label="Label" value=said.label />
            <Field id=format!("{id}-group") label="Group" value=said.group />
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
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        let wanted = device.with(Option::is_some);
        if open.get_untracked() != wanted {
            open.set(wanted);
        }
    });
    Effect::new(move |_| {
        if !open.get() && device.with_untracked(Option::is_some) {
            device.set(None);
        }
    });
    view! {
        <Dialog open=open title="Let this device in">
            {device.get_untracked().map(|device| view! { <Form device=device open=open changed=changed /> })}
        </Dialog>
    }
}

#[component]
fn Form(device: WaitingDevice, open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let said = Said::new();
    let busy = RwSignal::new(false);
    let refusal = RwSignal::new(None::<String>);
    let unsecured = device.security == "none";
    let endpoint = device.endpoint;
    let name = endpoint.clone();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        refusal.set(None);
        if busy.get_untracked() {
            return;
        }
        let approval = match said.approval() {
            Ok(approval) => approval,
            Err(words) => return refusal.set(Some(words)),
        };
        let endpoint = endpoint.clone();
        busy.set(true);
        spawn_local(async move {
            let path = format!("/bootstrap/waiting/{}", encode_segment(&endpoint));
            let answer = api.tell(Method::POST, &path, &approval).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(()) => {
                    toasts.say(
                        Tone::Good,
                        format!("{endpoint} is let in. It gets its configuration when it asks again."),
                    );
                    open.set(false);
                    changed.run(());
                }
                Err(failure) => refusal.set(Some(failure.to_string())),
            }
        });
    };
    view! {
        <form class="form" on:submit=submit novalidate=true>
            <p class="mono">{name}</p>
            {unsecured.then(|| view! { <p class="notice tone-warning"><Icon name="warning" />"It came without security: whoever knows this name can be it, and read what it is told."</p> })}
            <Saying id="pv-approve" said=said />
            {move || refusal.get().map(|words| view! { <p class="notice tone-bad" role="alert"><Icon name="warning" />{words}</p> })}
            <div class="actions">
                <Button on_press=Callback::new(move |()| open.set(false))>"Cancel"</Button>
                <Button kind="primary" submit=true busy=busy>"Let it in"</Button>
            </div>
        </form>
    }
}
