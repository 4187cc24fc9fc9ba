//! Choosing a file, or dropping it; what the server finds in it; and sending it.

use crate::api::Api;
use crate::clock::browser_now;
use crate::dom::prelude::*;
use crate::reactive::spawn_local;
use crate::routing::Router;
use crate::ui::{Badge, Button, Icon, Toasts, Tone};
use crate::words::{count, counted};
use shared::api::{CheckedRow, ImportCheck, ImportView};
use wasm_bindgen::JsCast;
use web_sys::File;

const CSV: &str = "text/csv";

/// How far it is.
#[derive(Clone, PartialEq)]
enum Step {
    Choosing,
    /// The server looks at it.
    Looking(File),
    /// It cannot be taken at all.
    Refused(File, String),
    Looked(File, ImportCheck),
    Sending,
}

#[component]
pub(super) fn Choose(sending: RwSignal<Option<String>>, changed: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let router = expect_context::<Router>();
    let toasts = expect_context::<Toasts>();
    let step = RwSignal::new(Step::Choosing);
    let over = RwSignal::new(false);
    let look = Callback::new(move |file: File| {
        step.set(Step::Looking(file.clone()));
        spawn_local(async move {
            let answer = api
                .upload::<ImportCheck>("/devices/import/check", CSV, file.clone())
                .await;
            step.try_set(match answer {
                Ok(found) => Step::Looked(file, found),
                Err(failure) => Step::Refused(file, failure.to_string()),
            });
        });
    });
    let send = Callback::new(move |(file, found): (File, ImportCheck)| {
        let id = format!("{}-{}", name_of(&file), browser_now().0);
        step.set(Step::Sending);
        sending.set(Some(id.clone()));
        let path = format!("/devices/import?id={}", crate::params::encode(&id));

        spawn_local(async move {
            let answer = api.upload::<ImportView>(&path, CSV, file.clone()).await;
            let (tone, words, next) = match answer {
                Ok(view) => (
                    Tone::Good,
                    format!(
                        "{} taken from {}",
                        counted(view.created + view.updated, "device", "devices"),
                        file.name()
                    ),
                    Step::Choosing,
                ),
                // The file and what was found in it stay, for another try.
                Err(failure) => (
                    Tone::Bad,
                    format!("The import broke off. {failure}"),
                    Step::Looked(file, found),
                ),
            };
            toasts.say(tone, words);
            // The page may have been left meanwhile.
            if step.try_set(next).is_none() {
                sending.set(None);
                changed.run(());
            }
        });
        router.set_params(&[("import", Some(&id))], true);
    });
    let chosen = move |event: web_sys::Event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(input) = input else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            look.run(file);
        }
        // The same file can be chosen again once it was mended.
        input.set_value("");
    };
    let dropped = move |event: web_sys::DragEvent| {
        event.prevent_default();
        over.set(false);
        let file = event.data_transfer().and_then(|data| data.files()?.get(0));
        if let Some(file) = file {
            look.run(file);
        }
    };
    let dragged = move |event: web_sys::DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let shown = move || match step.get() {
        Step::Choosing => View::Empty,
        Step::Looking(file) => view! {
            <p role="status">"Looking at "<b>{file.name()}</b>"…"</p>
            <progress class="progress" aria-label="Looking at the file"></progress>
        },
        Step::Refused(file, why) => view! {
            <p class="notice tone-bad" role="alert"><Icon name="warning" /><span><b>{file.name()}</b>" cannot be taken: "{why}"."</span></p>
        },
        Step::Looked(file, found) => looked(
            file,
            found,
            send,
            Callback::new(move |()| step.set(Step::Choosing)),
        ),
        Step::Sending => {
            view! { <p role="status">"The file is on its way. Stay on this page until it is sent; the report follows below."</p> }
        }
    };
    view! {
        <section class="panel" aria-labelledby="pv-import">
            <header><h2 id="pv-import">"Import a CSV file"</h2></header>
            <div class="pv-body">
                <div
                    class="pv-drop"
                    class:over=move || over.get()
                    on:dragover=dragged
                    on:dragleave=move |_| over.set(false)
                    on:drop=dropped
                >
                    <Icon name="upload" />
                    <label for="pv-file">"Choose a CSV file, or drop it here"</label>
                    <input id="pv-file" class="input file" type="file" accept=".csv,text/csv" on:change=chosen />
                </div>
                {shown}
                <Columns />
            </div>
        </section>
    }
}

/// What the columns are, with a file to begin with.
#[component]
fn Columns() -> impl IntoView {
    const TOLD: [(&str, &str); 12] = [
        (
            "endpoint",
            "The name with which it registers. The only column that has to be there.",
        ),
        (
            "mode",
            "psk (without a key one is made), rpk, x509 or none. Empty: the credential stays as it is.",
        ),
        ("identity", "Of a pre-shared key; the endpoint name if empty."),
        ("key", "A pre-shared key, hexadecimal, 16 bytes or more."),
        (
            "public_key",
            "A raw public key: the SubjectPublicKeyInfo, hexadecimal.",
        ),
        (
            "certificate_name",
            "What a certificate is known by that does not name the endpoint: a name in it, or sha256: and its fingerprint.",
        ),
        (
            "generate",
            "yes, with x509: a key pair and a certificate are made. With rpk a pair is made if there is no public_key.",
        ),
        (
            "bootstrap_…",
            "mode, identity and so on with this before them: a credential for bootstrap alone. Without one the other serves for both.",
        ),
        ("label, group", "A name for people; the group it belongs to."),
        ("tags", "name=value, with ; between them: site=berlin;floor=2."),
        ("metadata", "Notes, in the form of tags."),
        (
            "configuration",
            "The bootstrap configuration that is chosen for it.",
        ),
    ];
    const SAMPLE: &str =
        "endpoint,mode,label,group,tags\r\nurn:dev:ops:pump-1,psk,Cellar,pumps,site=berlin;floor=0\r\n";
    let save = Callback::new(move |()| crate::ui::save_text("devices.csv", CSV, SAMPLE));
    view! {
        <details class="pv-more">
            <summary>"What the columns are"</summary>
            <p class="muted">"The first line names the columns, in any order. Rows that are refused are told by line and leave nothing behind; the others are taken. Up to 1,000,000 rows."</p>
            <dl class="pv-columns">
                {TOLD.into_iter().map(|(name, words)| view! { <dt class="mono">{name}</dt><dd>{words}</dd> }).collect_view()}
            </dl>
            <p class="bar"><Button small=true icon="download" on_press=save>"A file to begin with"</Button></p>
        </details>
    }
}

/// What was found in the file, and the way on.
fn looked(file: File, found: ImportCheck, send: Callback<(File, ImportCheck)>, back: Callback<()>) -> View {
    let good = found.rows - found.refused_total;
    let summary = format!(
        "{}, {} of it fit to be taken.",
        counted(found.rows, "row", "rows"),
        count(good)
    );
    let trouble = (found.refused_total > 0).then(|| {
        let words = format!(
            "{} would be refused. You can mend the file and choose it again, or go on without them.",
            counted(found.refused_total, "row", "rows")
        );
        view! {
            <p class="notice tone-warning" role="alert"><Icon name="warning" />{words}</p>
            {super::report::refusals(&found.refused, found.refused_total)}
        }
    });
    let word = format!("Import {}", counted(good, "device", "devices"));
    let name = file.name();
    let whole = StoredValue::new((file, found.clone()));
    let columns = found.columns;
    view! {
        <div class="pv-looked" role="status"><b>{name}</b>" "<span class="muted">{summary}</span></div>
        {trouble}
        <div class="scroll pv-frame" tabindex="0" role="region" aria-label="The first rows">
            <table class="table" aria-label="The first rows">
                <thead>
                    <tr>
                        <th scope="col" class="num">"Line"</th>
                        {columns.into_iter().map(|name| view! { <th scope="col" class="mono">{name}</th> }).collect_view()}
                        <th scope="col">"Found"</th>
                    </tr>
                </thead>
                <tbody>{found.first.into_iter().map(first_row).collect_view()}</tbody>
            </table>
        </div>
        <div class="actions">
            <Button on_press=back>"Another file"</Button>
            <Button kind="primary" icon="upload" disabled=Signal::stored(good == 0) on_press=Callback::new(move |()| send.run(whole.get_value()))>{word}</Button>
        </div>
    }
}

fn first_row(row: CheckedRow) -> View {
    let verdict = match row.reason {
        None => view! { <Badge text="Good" tone=Tone::Good icon="check" /> },
        Some(reason) => view! { <span class="bad">{reason}</span> },
    };
    view! {
        <tr>
            <td class="num muted">{count(row.line)}</td>
            {row.fields.into_iter().map(|field| view! { <td>{field}</td> }).collect_view()}
            <td>{verdict}</td>
        </tr>
    }
}

/// The name of a file, as the beginning of an import's.
fn name_of(file: &File) -> String {
    let name = file.name();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let kept = stem
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    let short: String = kept.take(40).collect();
    if short.is_empty() { "import".into() } else { short }
}
