//! The form that makes one device known.

use super::credential::{Choice, CredentialChoice, Told};
use super::made::Made;
use crate::api::{Answer, Api, device_path};
use crate::dom::prelude::*;
use crate::pages::provisioning::JustMade;
use crate::pages::provisioning::configurations::names;
use crate::reactive::spawn_local;
use crate::routing::device_href;
use crate::ui::{Button, Field, Icon, Lines, Select, pairs};
use shared::api::{DeviceDetail, ErrorCode, ProvisionRequest, Provisioned};

/// Everything that is typed; it stays until the device is known.
#[derive(Debug, Clone, Copy)]
struct Form {
    endpoint: RwSignal<String>,
    label: RwSignal<String>,
    group: RwSignal<String>,
    tags: RwSignal<String>,
    notes: RwSignal<String>,
    register: Choice,
    bootstrap: Choice,
    configuration: RwSignal<String>,
}

impl Form {
    fn new() -> Form {
        let text = || RwSignal::new(String::new());
        Form {
            endpoint: text(),
            label: text(),
            group: text(),
            tags: text(),
            notes: text(),
            register: Choice::new("made"),
            bootstrap: Choice::new(""),
            configuration: text(),
        }
    }

    fn name(self) -> String {
        self.endpoint.get_untracked().trim().to_owned()
    }

    fn request(self) -> Result<ProvisionRequest, String> {
        let given = |text: RwSignal<String>| {
            Some(text.get_untracked().trim().to_owned()).filter(|text| !text.is_empty())
        };
        let (register, bootstrap): (Told, Told) = (self.register.told(), self.bootstrap.told());
        Ok(ProvisionRequest {
            endpoint: self.name(),
            mode: register.mode,
            identity: register.identity,
            key: register.key,
            public_key: register.public_key,
            generate: register.generate,
            bootstrap_mode: bootstrap.mode,
            bootstrap_identity: bootstrap.identity,
            bootstrap_key: bootstrap.key,
            bootstrap_public_key: bootstrap.public_key,
            bootstrap_generate: bootstrap.generate,
            label: given(self.label),
            tags: pairs(&self.tags.get_untracked(), "Tags")?,
            metadata: pairs(&self.notes.get_untracked(), "Notes")?,
            group: given(self.group),
            configuration: given(self.configuration),
            ..ProvisionRequest::default()
        })
    }

    /// What is of one device is forgotten; group, tags and kinds stay for the next.
    fn next(self) {
        self.endpoint.set(String::new());
        self.label.set(String::new());
        self.register.clear();
        self.bootstrap.clear();
    }
}

#[component]
pub(super) fn Provision(made: Trigger) -> impl IntoView {
    let api = expect_context::<Api>();
    let form = Form::new();
    let missing = RwSignal::new(None::<String>);
    // The endpoint that is known already, while nobody said to describe it anew.
    let taken = RwSignal::new(None::<String>);
    let refusal = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let answer = expect_context::<JustMade>().0;
    let send = Callback::new(move |anew: bool| {
        let name = form.name();
        missing.set(name.is_empty().then(|| "Enter the endpoint name.".into()));
        refusal.set(None);
        if busy.get_untracked() || name.is_empty() {
            return;
        }
        let request = match form.request() {
            Ok(request) => request,
            Err(words) => return refusal.set(Some(words)),
        };
        busy.set(true);
        spawn_local(async move {
            let outcome = ask(api, &name, &request, anew).await;
            // The page may have been left meanwhile.
            if busy.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(Some(provisioned)) => {
                    taken.set(None);
                    form.next();
                    answer.set(Some(provisioned));
                    made.notify();
                }
                Ok(None) => taken.set(Some(name)),
                Err(failure) => refusal.set(Some(format!("Not done. {failure}"))),
            }
        });
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        send.run(false);
    };
    let wrong = Signal::derive(move || {
        let known = taken.with(|taken| taken.as_deref() == Some(form.endpoint.get().trim()));
        missing
            .get()
            .or_else(|| known.then(|| "A device of this name is known already.".to_owned()))
    });
    let done = Callback::new(move |()| {
        answer.set(None);
        crate::keys::focus("#pv-endpoint");
    });
    view! {
        <div class="pv-column">
            {move || answer.get().map(|made| view! { <Made made=made done=done /> })}
            <form class="panel form pv-form" on:submit=submit novalidate=true>
                <h2>"Make a device known"</h2>
                <Field id="pv-endpoint" label="Endpoint" value=form.endpoint error=wrong code=true hint="The name with which the device registers, exactly." />
                {move || taken.get().filter(|name| *name == form.endpoint.get().trim()).map(|name| already(&name, send))}
                <div class="pv-pair">
                    <Field id="pv-label" label="Label" value=form.label hint="A name for people." />
                    <Field id="pv-group" label="Group" value=form.group hint="Kept as the tag group." />
                </div>
                <CredentialChoice id="pv-register" label="To register it proves itself by" nothing="What it has, or gets at its bootstrap" choice=form.register />
                <CredentialChoice id="pv-bootstrap" label="For its bootstrap by" nothing="The same" choice=form.bootstrap />
                <Chosen value=form.configuration />
                <details class="pv-more">
                    <summary>"Tags and notes"</summary>
                    <Lines id="pv-tags" label="Tags" value=form.tags hint="One a line, as site=berlin. Devices are found and chosen by them." />
                    <Lines id="pv-notes" label="Notes" value=form.notes hint="One a line, as contact=+49 30 1234. Only shown." />
                </details>
                {move || refusal.get().map(|words| view! { <p class="notice tone-bad" role="alert"><Icon name="warning" />{words}</p> })}
                <div class="actions">
                    <Button kind="primary" submit=true busy=busy>"Make it known"</Button>
                </div>
            </form>
        </div>
    }
}

/// Makes the device known, unless it is already and nobody said that it may be described anew.
async fn ask(api: Api, name: &str, request: &ProvisionRequest, anew: bool) -> Answer<Option<Provisioned>> {
    if !anew {
        match api.get_for_deed::<DeviceDetail>(&device_path(name, "")).await {
            Ok(_) => return Ok(None),
            Err(failure) if failure.is(ErrorCode::NotFound) => {}
            Err(failure) => return Err(failure),
        }
    }
    api.post("/devices", request).await.map(Some)
}

fn already(name: &str, send: Callback<bool>) -> View {
    view! {
        <div class="notice tone-warning" role="alert">
            <Icon name="warning" />
            <p class="grow">
                <a href=device_href(name)>"Look at it"</a>
                ", or describe it anew: what is typed here takes the place of what is known, and a credential that is chosen here of the one in force."
            </p>
            <Button small=true on_press=Callback::new(move |()| send.run(true))>"Describe it anew"</Button>
        </div>
    }
}

/// The bootstrap configuration that is chosen for the device, of those there are.
#[component]
fn Chosen(value: RwSignal<String>) -> impl IntoView {
    let api = expect_context::<Api>();
    let found = names(api);
    move || {
        let mut options = vec![(String::new(), "By rule, or none".to_owned())];
        options.extend(found.get().into_iter().map(|name| (name.clone(), name)));
        view! { <Select id="pv-configuration" label="Bootstrap configuration" value=value options=options /> }
    }
}
