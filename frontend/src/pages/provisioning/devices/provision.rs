//! The form that makes one device known.

use super::credential::{Choice, CredentialChoice, Told};
use super::made::Made;
use crate::api::{Api, Failure, device_path};
use crate::dom::prelude::*;
use crate::pages::provisioning::configurations::configuration_choice;
use crate::pages::provisioning::{JustMade, given};
use crate::routing::device_href;
use crate::ui::{self, Button, Deed, Field, Icon, Lines, pairs};
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
    let deed = Deed::new();
    let answer = expect_context::<JustMade>().0;
    let send = Callback::new(move |anew: bool| {
        let name = form.name();
        missing.set(name.is_empty().then(|| "Enter the endpoint name.".into()));
        if !deed.may_begin(!name.is_empty()) {
            return;
        }
        let request = match form.request() {
            Ok(request) => request,
            Err(words) => return deed.refuse(words),
        };
        deed.busy.set(true);
        let make = move || {
            api.post::<Provisioned>("/devices", &request)
                .then(move |answered| {
                    // The page may have been left meanwhile.
                    if deed.busy.try_set(false).is_some() {
                        return;
                    }
                    match answered {
                        Ok(provisioned) => {
                            taken.set(None);
                            form.next();
                            answer.set(Some(provisioned));
                            made.notify();
                        }
                        Err(failure) => not_done(deed, &failure),
                    }
                });
        };
        if anew {
            return make();
        }
        // It is made known, unless it is already and nobody said that it may be described anew.
        let path = device_path(&name, "");
        api.get_for_deed::<DeviceDetail>(&path)
            .then(move |known| match known {
                Err(failure) if failure.is(ErrorCode::NotFound) => make(),
                _ if deed.busy.try_set(false).is_some() => {}
                Ok(_) => taken.set(Some(name)),
                Err(failure) => not_done(deed, &failure),
            });
    });
    let submit = Callback::new(move |()| send.run(false));
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
            {move || answer.with(|made| made.as_ref().map(|made| view! { <Made made=made done=done /> }))}
            <ui::Form class="panel form pv-form" deed=deed send=submit button="Make it known" below=true>
                <h2>"Make a device known"</h2>
                <Field id="pv-endpoint" label="Endpoint" value=form.endpoint error=wrong code=true hint="The name with which the device registers, exactly." />
                {move || taken.get().filter(|name| *name == form.endpoint.get().trim()).map(|name| already(&name, send))}
                <div class="pv-pair">
                    <Field id="pv-label" label="Label" value=form.label hint="A name for people." />
                    <Field id="pv-group" label="Group" value=form.group hint="Kept as the tag group." />
                </div>
                <CredentialChoice id="pv-register" label="To register it proves itself by" nothing="What it has, or gets at its bootstrap" choice=form.register />
                <CredentialChoice id="pv-bootstrap" label="For its bootstrap by" nothing="The same" choice=form.bootstrap />
                {configuration_choice("pv-configuration".into(), form.configuration)}
                <details class="pv-more">
                    <summary>"Tags and notes"</summary>
                    <Lines id="pv-tags" label="Tags" value=form.tags hint="One a line, as site=berlin. Devices are found and chosen by them." />
                    <Lines id="pv-notes" label="Notes" value=form.notes hint="One a line, as contact=+49 30 1234. Only shown." />
                </details>
            </ui::Form>
        </div>
    }
}

fn not_done(deed: Deed, failure: &Failure) {
    deed.refuse(format!("Not done. {failure}"));
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
