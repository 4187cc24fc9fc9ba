//! The configuration as a form: accounts of servers, access control, other objects, and how it is sent.

use super::document::{Document, Read, any, list, number, text};
use super::findings::Beside;
use crate::dom::prelude::*;
use crate::ui::{Button, Copy, Field, Icon, Select, owned};
use crate::words::around;
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
fn card(document: Document, name: &'static str, index: usize, word: &str, content: View) -> View {
    let title = format!("{word} {}", index + 1);
    let remove = Callback::new(move |()| document.remove(name, index));
    let label = Text::around("Remove ", &title, "");
    view! {
        <fieldset class="pv-card">
            <legend>{title}</legend>
            <div class="pv-remove"><Button small=true kind="quiet" icon="trash" label=label on_press=remove /></div>
            {content}
        </fieldset>
    }
}

/// A field of a part: the end of its id, its label, the key of its place, how its text is read, and what stands below it.
struct Shown {
    id: &'static str,
    label: &'static str,
    key: &'static str,
    read: Read,
    kind: &'static str,
    hint: &'static str,
}

/// A field that takes a number.
const fn numeric(id: &'static str, label: &'static str, key: &'static str, hint: &'static str) -> Shown {
    Shown {
        id,
        label,
        key,
        read: number,
        kind: "number",
        hint,
    }
}

/// A field that takes any text.
const fn typed(
    id: &'static str,
    label: &'static str,
    key: &'static str,
    read: Read,
    hint: &'static str,
) -> Shown {
    Shown {
        id,
        label,
        key,
        read,
        kind: "text",
        hint,
    }
}

/// A part of a list, whose fields are put on the page.
struct Part {
    document: Document,
    /// Its JSON pointer.
    at: String,
    /// Begins the ids of its fields: `"pv-server-0-"`.
    id: String,
}

impl Part {
    fn new(document: Document, list: &str, id: &str, index: usize) -> Part {
        Part {
            document,
            at: format!("/{list}/{index}"),
            id: format!("pv-{id}-{index}-"),
        }
    }

    fn show(&self, field: &Shown) -> View {
        let value = self.document.field(self.at.clone(), field.key, field.read);
        let id = Text::around(&self.id, field.id, "");
        let code = field.kind == "text";
        view! { <Field id=id label=field.label value=value kind=field.kind code=code hint=field.hint /> }
    }
}

static ID: Shown = numeric(
    "id",
    "Short server id",
    "short_server_id",
    "1 to 65534. It names the server in access control.",
);
static LIFETIME: Shown = typed(
    "lifetime",
    "Lifetime in seconds",
    "lifetime",
    number,
    "How long a registration lasts without an Update.",
);
static URI: Shown = typed(
    "uri",
    "URI",
    "uri",
    text,
    "${coaps_uri} or ${coap_uri} for this server, or coaps://host:port.",
);
static INSTANCES: [Shown; 3] = [
    typed(
        "binding",
        "Binding",
        "binding",
        text,
        "The letters, as in U or UQ. Empty: what the URI needs.",
    ),
    numeric(
        "security",
        "Instance of Security (/0)",
        "security_instance",
        "Empty: the next that is free.",
    ),
    numeric(
        "server",
        "Instance of Server (/1)",
        "server_instance",
        "Empty: the next that is free.",
    ),
];

fn account(document: Document, index: usize) -> View {
    let part = Part::new(document, "servers", "server", index);
    let place = format!("servers[{index}]");
    let beside = |below: &str| view! { <Beside place=around(&place, below, "") /> };
    let content = view! {
        <Beside place=place.clone() but=OF_ACCOUNT />
        <div class="pv-pair">
            {part.show(&ID)}
            <div class="stack">{part.show(&LIFETIME)}{beside(".lifetime")}</div>
        </div>
        {part.show(&URI)}
        {beside(".uri")}
        {security(document, index)}
        {beside(".security")}
        <details class="pv-more">
            <summary>"Binding, instances"</summary>
            <div class="pv-pair">{INSTANCES.iter().map(|field| part.show(field)).collect_view()}</div>
            {beside(".binding")}
        </details>
    };
    card(document, "servers", index, "Server", content)
}

/// The name of a key and its label.
type Key = (&'static str, &'static str);

/// The modes, each with its word.
static MODES: [(&str, &str); 4] = [
    ("psk", "A pre-shared key"),
    ("rpk", "Raw public keys"),
    ("x509", "Certificates"),
    ("none", "No security"),
];
/// What is told of each mode, and its keys.
static OF_MODES: [(&str, &[Key]); 4] = [
    (
        "A key is made for each device and kept as its credential; one that has a key already keeps it.",
        &[("identity", "Identity"), ("key", "Key")],
    ),
    (
        "A key pair is made for each device, and it gets the server's public key.",
        &[
            ("public_key", "Its public key"),
            ("private_key", "Its private key"),
            ("server_public_key", "The server's public key"),
        ],
    ),
    (
        "A key pair and a certificate of this server's authority are made for each device, and it gets the server's certificate.",
        &[
            ("certificate", "Its certificate"),
            ("private_key", "Its private key"),
            ("server_certificate", "The server's certificate"),
        ],
    ),
    ("Anybody can claim to be this device, and read what is said.", &[]),
];

fn security(document: Document, index: usize) -> View {
    let account = format!("/servers/{index}");
    let at = around(&account, "/security", "");
    let now = document.text_at(&at, "mode");
    let place = MODES.iter().position(|(mode, _)| *mode == now);
    let now = if now.is_empty() { "none".to_owned() } else { now };
    let mode = RwSignal::new(now);
    Effect::new(move |before: Option<()>| {
        let chosen = mode.get();
        if before.is_some() {
            let mut security = Object::new();
            security.insert("mode".into(), chosen.into());
            document.put(&account, "security", Some(security.into()), true);
        }
    });
    let id = format!("pv-server-{index}-");
    let of_mode = place.and_then(|place| OF_MODES.get(place)).or(OF_MODES.last());
    let (told, keys) = of_mode.copied().unwrap_or_default();
    let own = (!keys.is_empty()).then(|| {
        let field = |(key, word): &Key| {
            let value = document.field(at.clone(), key, text);
            let hint = around("${", key, "} if empty. Bytes: base64, hex:… or text:….");
            view! { <Field id=Text::around(&id, key, "") label=*word value=value code=true hint=hint /> }
        };
        view! {
            <details class="pv-more">
                <summary>"Own keys"</summary>
                <div class="form">{keys.iter().map(field).collect_view()}</div>
            </details>
        }
    });
    view! {
        <Select id=Text::around(&id, "mode", "") label="Security" value=mode options=owned(&MODES) />
        <p class="note muted">{told}</p>
        {own}
    }
}

static ENTRY: [Shown; 3] = [
    numeric("object", "Object", "object", ""),
    numeric(
        "instance",
        "Instance",
        "instance",
        "Empty: the right to create instances.",
    ),
    numeric(
        "owner",
        "Owner",
        "owner",
        "Short server id; 65535 is the bootstrap server.",
    ),
];
static RIGHTS: Shown = typed(
    "rights",
    "Rights",
    "rights",
    any,
    "Short server id and letters of RWEDC as JSON; 0 is for all that are not named.",
);
static PATH: Shown = typed("path", "Path", "path", text, "An instance: /3303/0.");

fn entry(document: Document, index: usize) -> View {
    let part = Part::new(document, "access", "access", index);
    let content = view! {
        <Beside place=format!("access[{index}]") />
        <div class="pv-pair">{ENTRY.iter().map(|field| part.show(field)).collect_view()}</div>
        {part.show(&RIGHTS)}
    };
    card(document, "access", index, "Entry", content)
}

fn object(document: Document, index: usize) -> View {
    let part = Part::new(document, "objects", "object", index);
    let values = document.field(part.at.clone(), "values", any);
    let optional = document.text_at(&part.at, "optional") == "true";
    let id = Text::around(&part.id, "values", "");
    let path = part.show(&PATH);
    let at = part.at;
    let content = view! {
        <Beside place=format!("objects[{index}]") />
        {path}
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
    card(document, "objects", index, "Object", content)
}

/// What may stand in a text.
#[component]
fn Variables() -> impl IntoView {
    static TOLD: [(&str, &str); 9] = [
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
    let row = |(name, words): &'static (&'static str, &'static str)| {
        view! {
            <dt class="mono"><Icon name="link" />{*name}<Copy text=*name label=Text::around("Copy ", name, "") /></dt>
            <dd>{*words}</dd>
        }
    };
    view! {
        <details class="pv-more">
            <summary>"Variables for what differs by device"</summary>
            <dl class="pv-columns pv-variables">{TOLD.iter().map(row).collect_view()}</dl>
        </details>
    }
}
