//! The configuration as a form: accounts of servers, access control, other objects, and how it is sent.

use super::document::{Document, any, list, number, text};
use super::findings::Beside;
use crate::dom::prelude::*;
use crate::ui::{Button, Copy, Field, Icon, Select};
use shared::ContentFormat;
use shared::bootstrap::FORMATS;
use shared::json::Object;

/// The fields of an account that have findings of their own.
const OF_ACCOUNT: &[&str] = &["uri", "security", "lifetime", "binding"];

#[component]
pub(super) fn Form(document: Document) -> impl IntoView {
    // Made anew when parts come or go.
    move || {
        document.track_shape();
        untrack(|| parts(document))
    }
}

fn parts(document: Document) -> View {
    let each = |name: &'static str, make: fn(Document, usize) -> View| {
        (0..document.count(name))
            .map(move |index| make(document, index))
            .collect_view()
    };
    let add = |name: &'static str, json: &'static str| {
        Callback::new(move |()| {
            // What stands there is JSON.
            document.add(name, shared::json::parse(json.as_bytes()).unwrap_or_default());
        })
    };
    let format = document.field(String::new(), "format", text);
    let mut formats = vec![(String::new(), "What the device prefers, else TLV".to_owned())];
    formats.extend(FORMATS.into_iter().filter_map(|format| {
        let name = ContentFormat::name(format)?;
        Some((name.to_owned(), format.media_type().unwrap_or(name).to_owned()))
    }));
    let pack = document.with_untracked(|value| value["pack"] != false);
    view! {
        <h3>"Servers it registers with"</h3>
        <Beside place="servers" />
        {each("servers", account)}
        <p class="bar">
            <Button small=true icon="plus" on_press=add("servers", r#"{"short_server_id":102,"uri":"coaps://","security":{"mode":"psk"},"lifetime":86400}"#)>"Another server"</Button>
        </p>
        <Variables />

        <h3>"Before that"</h3>
        <Beside place="delete" />
        <Field id="pv-delete" label="Deleted first" value=document.field(String::new(), "delete", list) code=true hint="Paths with commas: /0, /1. The bootstrap account and /3/0 survive every Delete." />
        <Beside place="read" />
        <Field id="pv-read" label="Read first" value=document.field(String::new(), "read", list) code=true hint="/1, /2 or instances of them, to see what the device had. LwM2M 1.1 and later." />

        <h3>"Who may do what (access control, /2)"</h3>
        <Beside place="access" />
        {each("access", entry)}
        <p class="bar">
            <Button small=true icon="plus" on_press=add("access", r#"{"object":3,"instance":0,"owner":101,"rights":{"101":"RWED"}}"#)>"Another entry"</Button>
        </p>

        <h3>"Other objects"</h3>
        <Beside place="objects" />
        {each("objects", object)}
        <p class="bar">
            <Button small=true icon="plus" on_press=add("objects", r#"{"path":"/3303/0","values":{}}"#)>"Another object instance"</Button>
        </p>

        <h3>"How it is sent"</h3>
        <div class="pv-pair">
            <div class="stack"><Select id="pv-format" label="Content format" value=format options=formats /><Beside place="format" /></div>
            <label class="checkbox pv-pack">
                <input
                    type="checkbox"
                    prop:checked=move || pack
                    on:change=move |event| document.put("", "pack", Some(event_target_checked(&event).into()), false)
                />
                "The device may fetch all of it at once"
            </label>
        </div>
    }
}

/// A part of a list with its own frame, and a button that takes it out.
fn card(document: Document, name: &'static str, index: usize, title: String, content: View) -> View {
    let remove = Callback::new(move |()| document.remove(name, index));
    let label = format!("Remove {title}");
    view! {
        <fieldset class="pv-card">
            <legend>{title}</legend>
            <div class="pv-remove"><Button small=true kind="quiet" icon="trash" label=label on_press=remove /></div>
            {content}
        </fieldset>
    }
}

fn account(document: Document, index: usize) -> View {
    let at = format!("/servers/{index}");
    let place = format!("servers[{index}]");
    let id = |name: &str| format!("pv-server-{index}-{name}");
    let field = |key, read| document.field(at.clone(), key, read);
    let content = view! {
        <Beside place=place.clone() but=OF_ACCOUNT />
        <div class="pv-pair">
            <Field id=id("id") label="Short server id" value=field("short_server_id", number) kind="number" hint="1 to 65534. It names the server in access control." />
            <div class="stack">
                <Field id=id("lifetime") label="Lifetime in seconds" value=field("lifetime", number) code=true hint="How long a registration lasts without an Update." />
                <Beside place=format!("{place}.lifetime") />
            </div>
        </div>
        <Field id=id("uri") label="URI" value=field("uri", text) code=true hint="${coaps_uri} or ${coap_uri} for this server, or coaps://host:port." />
        <Beside place=format!("{place}.uri") />
        {security(document, index)}
        <Beside place=format!("{place}.security") />
        <details class="pv-more">
            <summary>"Binding, instances"</summary>
            <div class="pv-pair">
                <Field id=id("binding") label="Binding" value=field("binding", text) code=true hint="The letters, as in U or UQ. Empty: what the URI needs." />
                <Field id=id("security") label="Instance of Security (/0)" value=field("security_instance", number) kind="number" hint="Empty: the next that is free." />
                <Field id=id("server") label="Instance of Server (/1)" value=field("server_instance", number) kind="number" hint="Empty: the next that is free." />
            </div>
            <Beside place=format!("{place}.binding") />
        </details>
    };
    card(
        document,
        "servers",
        index,
        format!("Server {}", index + 1),
        content,
    )
}

/// The name of a key and its label.
type Key = (&'static str, &'static str);

/// The modes, each with its word and its keys.
const MODES: [(&str, &str, &[Key]); 4] = [
    (
        "psk",
        "A pre-shared key",
        &[("identity", "Identity"), ("key", "Key")],
    ),
    (
        "rpk",
        "Raw public keys",
        &[
            ("public_key", "Its public key"),
            ("private_key", "Its private key"),
            ("server_public_key", "The server's public key"),
        ],
    ),
    (
        "x509",
        "Certificates",
        &[
            ("certificate", "Its certificate"),
            ("private_key", "Its private key"),
            ("server_certificate", "The server's certificate"),
        ],
    ),
    ("none", "No security", &[]),
];

fn security(document: Document, index: usize) -> View {
    let at = format!("/servers/{index}/security");
    let now = document.text_at(&at, "mode");
    let now = if now.is_empty() { "none".to_owned() } else { now };
    let mode = RwSignal::new(now.clone());
    let account = format!("/servers/{index}");
    Effect::new(move |before: Option<()>| {
        let chosen = mode.get();
        if before.is_some() {
            let mut security = Object::new();
            security.insert("mode".into(), chosen.into());
            document.put(&account, "security", Some(security.into()), true);
        }
    });
    let options = MODES
        .map(|(mode, word, _)| (mode.to_owned(), word.to_owned()))
        .to_vec();
    let (told, keys): (&str, &'static [Key]) = match now.as_str() {
        "psk" => (
            "A key is made for each device and kept as its credential; one that has a key already keeps it.",
            MODES[0].2,
        ),
        "rpk" => (
            "A key pair is made for each device, and it gets the server's public key.",
            MODES[1].2,
        ),
        "x509" => (
            "A key pair and a certificate of this server's authority are made for each device, and it gets the server's certificate.",
            MODES[2].2,
        ),
        _ => ("Anybody can claim to be this device, and read what is said.", &[]),
    };
    let own = (!keys.is_empty()).then(|| {
        let fields = keys.iter().map(|(key, word)| {
            let value = document.field(at.clone(), key, text);
            let hint = format!("${{{key}}} if empty. Bytes: base64, hex:… or text:….");
            view! { <Field id=format!("pv-server-{index}-{key}") label=*word value=value code=true hint=hint /> }
        });
        view! {
            <details class="pv-more">
                <summary>"Own keys"</summary>
                <div class="form">{fields.collect_view()}</div>
            </details>
        }
    });
    view! {
        <Select id=format!("pv-server-{index}-mode") label="Security" value=mode options=options />
        <p class="note muted">{told}</p>
        {own}
    }
}

fn entry(document: Document, index: usize) -> View {
    let at = format!("/access/{index}");
    let id = |name: &str| format!("pv-access-{index}-{name}");
    let field = |key, read| document.field(at.clone(), key, read);
    let content = view! {
        <Beside place=format!("access[{index}]") />
        <div class="pv-pair">
            <Field id=id("object") label="Object" value=field("object", number) kind="number" />
            <Field id=id("instance") label="Instance" value=field("instance", number) kind="number" hint="Empty: the right to create instances." />
            <Field id=id("owner") label="Owner" value=field("owner", number) kind="number" hint="Short server id; 65535 is the bootstrap server." />
        </div>
        <Field id=id("rights") label="Rights" value=field("rights", any) code=true hint="Short server id and letters of RWEDC as JSON; 0 is for all that are not named." />
    };
    card(document, "access", index, format!("Entry {}", index + 1), content)
}

fn object(document: Document, index: usize) -> View {
    let at = format!("/objects/{index}");
    let values = document.field(at.clone(), "values", any);
    let optional = document.text_at(&at, "optional") == "true";
    let id = format!("pv-object-{index}-values");
    let content = view! {
        <Beside place=format!("objects[{index}]") />
        <Field id=format!("pv-object-{index}-path") label="Path" value=document.field(at.clone(), "path", text) code=true hint="An instance: /3303/0." />
        <div class="field">
            <label for=id.clone()>"Values"</label>
            <textarea
                id=id
                class="input mono"
                rows="3"
                spellcheck="false"
                prop:value=move || values.get()
                on:input=move |event| values.set(event_target_value(&event))
            ></textarea>
            <p class="note">"Resource id and value as JSON: {\"5700\": 21.5}. Bytes: base64, hex:… or text:…."</p>
        </div>
        <label class="checkbox">
            <input
                type="checkbox"
                prop:checked=move || optional
                on:change=move |event| document.put(&at, "optional", Some(event_target_checked(&event).into()), false)
            />
            "Go on if the device refuses it"
        </label>
    };
    card(
        document,
        "objects",
        index,
        format!("Object {}", index + 1),
        content,
    )
}

/// What may stand in a text.
#[component]
fn Variables() -> impl IntoView {
    const TOLD: [(&str, &str); 9] = [
        ("${endpoint}", "The device's endpoint name."),
        ("${coaps_uri}", "Where this server takes registrations over DTLS."),
        ("${coap_uri}", "The same without security."),
        ("${label}", "What people call the device."),
        ("${group}", "The group it is in."),
        ("${tag.site}", "Its tag site, and so on for any tag."),
        ("${metadata.owner}", "Its note owner, and so on for any note."),
        ("${identity}", "The identity of its pre-shared key."),
        (
            "${key}",
            "Its pre-shared key, made if it has none. Bytes stand alone.",
        ),
    ];
    let row = |(name, words): (&'static str, &'static str)| {
        view! {
            <dt class="mono"><Icon name="link" />{name}<Copy text=name.to_owned() label=format!("Copy {name}") /></dt>
            <dd>{words}</dd>
        }
    };
    view! {
        <details class="pv-more">
            <summary>"Variables for what differs by device"</summary>
            <dl class="pv-columns pv-variables">{TOLD.into_iter().map(row).collect_view()}</dl>
        </details>
    }
}
