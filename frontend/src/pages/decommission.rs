//! A device leaves for good: what will happen to it in words, and its endpoint name typed to confirm. On the page of the
//! device and in Provisioning.

use crate::api::{Answer, Api, device_path};
use crate::dom::prelude::*;
use crate::params::path_of;
use crate::reactive::spawn_local;
use crate::session::Session;
use crate::ui::{Deed, Field, Form, Icon, Skeleton, StateBadge, Trouble};
use crate::words::counted;
use shared::DeviceState;
use shared::api::{CredentialView, DeviceDetail, ErrorCode, ObservationList, Role};

/// What is known of the device, as far as its leaving changes it.
#[derive(Debug, Clone, PartialEq)]
struct Standing {
    state: DeviceState,
    label: Option<String>,
    credential: Option<&'static str>,
    observations: u64,
    pending: u64,
}

#[component]
pub(crate) fn Decommission(endpoint: String, done: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let may_see = expect_context::<Session>().may(Role::Operator);
    let standing = RwSignal::new(None::<Answer<Standing>>);
    let name = StoredValue::new(endpoint);
    let read = Callback::new(move |()| {
        standing.set(None);
        spawn_local(async move {
            let found = read(api, &name.get_value(), may_see).await;
            standing.set(Some(found));
        });
    });
    read.run(());
    move || match standing.get() {
        None => view! { <Skeleton lines=4 /> },
        Some(Err(failure)) if failure.is(ErrorCode::NotFound) => view! {
            <p class="notice tone-warning" role="alert"><Icon name="warning" />"No device of this name is known. Names are exact, capital letters included."</p>
        },
        Some(Err(failure)) => {
            view! { <Trouble title="The device could not be looked at" text=failure.to_string() on_retry=read /> }
        }
        Some(Ok(standing)) => view! { <Confirm name=name.get_value() standing=standing done=done /> },
    }
}

async fn read(api: Api, endpoint: &str, may_see: bool) -> Answer<Standing> {
    let detail: DeviceDetail = api.get_for_deed(&device_path(endpoint, "")).await?;
    let observed: ObservationList = api.get_for_deed(&device_path(endpoint, "/observations")).await?;
    let credential = if may_see {
        let path = path_of("/credentials/", endpoint, "");
        match api.get_for_deed::<CredentialView>(&path).await {
            Ok(credential) => Some(credential.mode.word()),
            Err(failure) if failure.is(ErrorCode::NotFound) => None,
            Err(failure) => return Err(failure),
        }
    } else {
        None
    };
    Ok(Standing {
        state: detail.row.state,
        label: detail.row.label,
        credential,
        observations: observed.items.len() as u64,
        pending: detail.row.pending.into(),
    })
}

/// What will happen, a sentence each.
fn sentences(standing: &Standing) -> Vec<String> {
    let mut told = Vec::new();
    told.push(match standing.credential {
        Some(word) => format!(
            "Its credential ({}) is revoked and its sessions end at once.",
            crate::words::lower(word)
        ),
        None => "It has no credential of its own; its sessions end at once.".to_owned(),
    });
    if standing.observations > 0 {
        told.push(format!(
            "{}.",
            counted(standing.observations, "observation ends", "observations end")
        ));
    }
    if standing.pending > 0 {
        told.push(format!(
            "{} cancelled.",
            counted(
                standing.pending,
                "operation that waits for it is",
                "operations that wait for it are"
            )
        ));
    }
    told.push("Its values and history are written to an archive, which can be saved afterwards. Its label, tags and notes are in it.".to_owned());
    told.push("From then on it is refused. When it next asks for its bootstrap, its account of this server is deleted on it; only for that its key is kept until then.".to_owned());
    told
}

#[component]
fn Confirm(name: String, standing: Standing, done: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let typed = RwSignal::new(String::new());
    let deed = Deed::new();
    let endpoint = StoredValue::new(name.clone());
    let wrong = Signal::derive(move || endpoint.with_value(|endpoint| typed.get().trim() != endpoint));
    let send = Callback::new(move |()| {
        if !wrong.get_untracked() && deed.may_begin(true) {
            let answer = api.delete(&device_path(&endpoint.get_value(), ""));
            deed.begin(answer, move |()| {
                if !deed.is_gone() {
                    done.run(());
                }
            });
        }
    });
    // A dialog that opened while this was read had only its cross to give the focus to.
    request_animation_frame(|| {
        let focused = document().active_element();
        if focused.is_some_and(|focused| focused.class_list().contains("dialog-close")) {
            crate::keys::focus("#leave-name");
        }
    });
    let sentence = |words: String| view! { <li>{words}</li> };
    view! {
        <Form deed=deed send=send kind="danger" icon="trash" button="Decommission" disabled=wrong below=true>
            <p class="bar"><b class="mono">{name}</b><StateBadge state=standing.state /><span class="muted">{standing.label.clone()}</span></p>
            <ul class="leaving">{sentences(&standing).into_iter().map(sentence).collect_view()}</ul>
            <Field id="leave-name" label="Type the endpoint name to confirm" value=typed code=true />
        </Form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_there_is_is_lost() {
        let mut standing = Standing {
            state: DeviceState::Online,
            label: None,
            credential: None,
            observations: 0,
            pending: 0,
        };
        assert_eq!(sentences(&standing).len(), 3);
        standing.credential = Some("Pre-shared key");
        standing.observations = 1;
        standing.pending = 2;
        let told = sentences(&standing);
        assert_eq!(
            told[0],
            "Its credential (pre-shared key) is revoked and its sessions end at once."
        );
        assert_eq!(told[1], "1 observation ends.");
        assert_eq!(told[2], "2 operations that wait for it are cancelled.");
    }
}
