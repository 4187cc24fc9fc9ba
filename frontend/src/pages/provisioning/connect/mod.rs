//! How a device is connected: command lines for clients there are, filled in with this server's address and the
//! chosen device's name and credential, and whether it came.

mod commands;
mod here;

use super::JustMade;
use crate::api::{Answer, Api, device_path};
use crate::dom::prelude::*;
use crate::params::path_of;
use crate::routing::Router;
use crate::session::Session;
use crate::ui::{Code, Find, Icon, load, loaded_ref};
use commands::{TILES, Target, Tile, Way};
use here::Here;
use shared::api::{CredentialMode, CredentialView, DeviceDetail, ErrorCode, Role, ServerView};

/// The name in the commands as long as no device is chosen.
const SOME: &str = "my-device";

#[component]
pub(super) fn Connect() -> impl IntoView {
    let router = expect_context::<Router>();
    let api = expect_context::<Api>();
    let may_see = expect_context::<Session>().may(Role::Operator);
    let device = router.param("device");
    let way = router.param("way");
    let way = Memo::new(move |_| Way::from_slug(way.get().as_deref()));
    let facts = load(move || {
        let endpoint = device.get();
        async move {
            let server = api.get::<ServerView>("/server").await?;
            let Some(endpoint) = endpoint else {
                return Ok((server, None, None));
            };
            let known = if_any(api.get::<DeviceDetail>(&device_path(&endpoint, "")).await)?;
            let credential = if may_see {
                if_any(
                    api.get::<CredentialView>(&path_of("/credentials/", &endpoint, ""))
                        .await,
                )?
            } else {
                None
            };
            Ok((server, known, credential))
        }
    });
    let segment = move |one: Way| {
        let href = move || router.href_with(&[("way", one.slug())]);
        view! { <a class="btn s" href=href aria-current=move || (way.get() == one).then_some("true")>{one.word()}</a> }
    };
    view! {
        <div class="pv-column">
            <div class="bar list-bar">
                <Find label="Endpoint of the device" placeholder="Endpoint of the device, exact" param="device" busy=facts.busy />
                <span class="pv-segments" role="group" aria-label="How it comes">{Way::ALL.map(segment).into_iter().collect_view()}</span>
            </div>
            {loaded_ref(facts, "What is needed for this could not be read", move |(server, known, credential)| {
                shown(device, way, server, known.as_ref(), credential.as_ref())
            })}
        </div>
    }
}

/// Nothing of what is not there.
fn if_any<T>(answer: Answer<T>) -> Answer<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(failure) if failure.is(ErrorCode::NotFound) => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn shown(
    device: Memo<Option<String>>,
    way: Memo<Way>,
    server: &ServerView,
    known: Option<&DeviceDetail>,
    credential: Option<&CredentialView>,
) -> View {
    let chosen = device.get_untracked();
    let is_chosen = chosen.is_some();
    let endpoint = chosen.unwrap_or_else(|| SOME.to_owned());
    let mode = credential.map(|credential| credential.mode);
    let identity = credential.and_then(|credential| credential.identity.clone());
    let listeners = server.listeners.clone();
    let host = window().location().hostname().unwrap_or_else(|_| "HOST".into());
    let just_made = expect_context::<JustMade>();
    let name = endpoint.clone();
    let all = move || {
        let way = way.get();
        let key = just_made.0.with_untracked(|made| {
            let made = made.as_ref().filter(|made| made.endpoint == name)?;
            let bootstrap = made.generated_bootstrap.as_ref();
            let key = bootstrap
                .filter(|_| way == Way::Bootstrap)
                .or(made.generated.as_ref())?;
            Some((key.identity.clone(), key.key.clone()))
        });
        let secured = key.is_some() || mode == Some(CredentialMode::Psk);
        let (identity, key) = match key {
            Some((identity, key)) => (Some(identity), Some(key)),
            None => (identity.clone(), None),
        };
        match Target::of(&name, way, secured, identity, key, &host, &listeners) {
            Some(target) => {
                let tile = |one| tile(one, &target);
                view! { <div class="cards">{TILES.iter().map(tile).collect_view()}</div> }
            }
            None => view! {
                <p class="notice tone-warning"><Icon name="warning" />"The server does not listen for this: it is off in its configuration (section listen)."</p>
            },
        }
    };
    let words = match (is_chosen, known.is_some(), mode) {
        (false, ..) => {
            "No device is chosen, so the commands name one that may be anything. Name yours above to have them filled in."
        }
        (true, false, _) => {
            "Nobody made this device known. It appears as a new one if the server lets devices in that it does not know."
        }
        (true, true, Some(CredentialMode::Rpk | CredentialMode::X509)) => {
            "This device proves itself by a key pair. The commands are for a client without security: fill in its keys as the client's own help says."
        }
        (true, true, Some(CredentialMode::Psk)) => {
            "Keys are never told again. Where a command has KEY_IN_HEX, put the device's key."
        }
        (true, true, _) => {
            "This device has no credential, so it comes without security where the server allows that."
        }
    };
    view! {
        <Here endpoint=endpoint state=known.map(|detail| detail.row.state) />
        <p class="muted">{words}</p>
        {all}
    }
}

fn tile(tile: &'static Tile, target: &Target) -> View {
    let command = match tile.command(target) {
        Ok(command) => view! { <Code text=command /> },
        Err(why) => view! { <p class="notice"><Icon name="info" />{why}</p> },
    };
    view! {
        <section class="panel pv-tile" aria-label=tile.name>
            <h2>{tile.name}</h2>
            <p class="muted">{tile.about}</p>
            {command}
        </section>
    }
}
