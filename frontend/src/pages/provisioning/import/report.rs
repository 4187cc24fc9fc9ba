//! How far an import is, and how it went: counts, the refused rows with their reasons, the keys that were made.

use crate::api::Api;
use crate::api::Method;
use crate::dom::prelude::*;
use crate::pages::provisioning::may_provision;
use crate::params::path_of;
use crate::ui::{Button, Deed, Icon, Toasts, Tone, ago, badge, save_bytes, save_text};
use crate::words::{around, count, counted};
use shared::api::{ImportState, ImportView, RefusedRow};

/// How many refused rows are put on the page at a time.
const STEP: usize = 100;

/// The state as a word.
pub(super) fn state(state: ImportState) -> View {
    let (tone, word) = match state {
        ImportState::Running => (Tone::Accent, "Running"),
        ImportState::Done => (Tone::Good, "Done"),
        ImportState::Failed => (Tone::Bad, "Broke off"),
    };
    badge(word, tone, tone.icon())
}

pub(super) fn report(import: &ImportView, changed: Callback<()>) -> View {
    let progress = (import.state == ImportState::Running).then(|| progress(import));
    let reason = import.reason.as_deref().map(|reason| {
        view! {
            <p class="notice tone-bad" role="alert"><Icon name="warning" /><span>"It broke off: "{Text::from(reason)}". What was taken before stays; the same file can be sent again."</span></p>
        }
    });
    let report = (import.refused_total > 0).then(|| {
        let name = around("", &import.id, "-refused.csv");
        let text = lines(&import.refused);
        let save = Callback::new(move |()| save_text(&name, "text/csv", &text));
        view! {
            <div class="bar">
                <h3>{counted(import.refused_total, "row", "rows")}" refused"</h3>
                <span class="pv-end"><Button small=true icon="download" on_press=save>"Save the report"</Button></span>
            </div>
            {refusals(&import.refused, import.refused_total)}
        }
    });
    let number = |word: &'static str, number: u64| {
        view! { <div><dt>{word}</dt><dd class="pv-number">{count(number)}</dd></div> }
    };
    view! {
        <section class="panel" aria-label="The import">
            <header>
                <h2 class="mono">{Text::from(&*import.id)}</h2>
                {state(import.state)}
                <span class="muted pv-end">{Text::around("by ", &import.by, " ")}{ago(import.started_at)}</span>
            </header>
            <div class="pv-body">
                {progress}
                {reason}
                <dl class="facts pv-facts" role="status">
                    {number("New devices", import.created)}
                    {number("Updated", import.updated)}
                    {number("Refused", import.refused_total)}
                </dl>
                {keys(import, changed)}
                {report}
            </div>
        </section>
    }
}

fn progress(import: &ImportView) -> View {
    let read = count(import.bytes / 1000);
    let (words, bar) = match import.bytes_total {
        Some(total) if total > 0 => (
            format!("{read} of {} kB read", count(total / 1000)),
            view! {
                <progress class="progress" aria-label="Progress of the import" max=total.to_string() value=import.bytes.to_string()></progress>
            },
        ),
        _ => (
            around("", &read, " kB read"),
            view! { <progress class="progress" aria-label="Progress of the import"></progress> },
        ),
    };
    view! { <div class="stack">{bar}<p class="muted">{words}</p></div> }
}

/// The keys that were made: they can be fetched once.
fn keys(import: &ImportView, changed: Callback<()>) -> View {
    if import.generated == 0 || import.state == ImportState::Running {
        return View::Empty;
    }
    let words = around(
        "",
        &counted(import.generated, "key was", "keys were"),
        " made. They can be saved once, until the server stops; keep the file where keys belong.",
    );
    if !may_provision() {
        return view! { <p class="notice"><Icon name="key" />{words}</p> };
    }
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let deed = Deed::new();
    let id = import.id.clone();
    let fetch = Callback::new(move |()| {
        let name = around("", &id, "-keys.csv");
        let asked = api.file(Method::POST, &path_of("/imports/", &id, "/credentials"));
        deed.begin_or_say(toasts, asked, move |bytes| {
            save_bytes(&name, "text/csv", &bytes);
            if !deed.is_gone() {
                changed.run(());
            }
        });
    });
    view! {
        <div class="notice tone-warning">
            <Icon name="key" />
            <p class="grow">{words}</p>
            <Button small=true icon="download" busy=deed.busy on_press=fetch>"Save the keys"</Button>
        </div>
    }
}

/// The refused rows that are told, some at a time.
pub(super) fn refusals(refused: &[RefusedRow], total: u64) -> View {
    let refused = StoredValue::new(refused.to_vec());
    let shown = RwSignal::new(STEP);
    let told = refused.with_value(Vec::len);
    let row = move |place: usize| {
        refused.with_value(|rows| {
            let row = rows.get(place)?;
            Some(view! {
                <tr>
                    <td class="num muted">{count(row.line)}</td>
                    <td class="wrap">{Text::from(&*row.reason)}</td>
                </tr>
            })
        })
    };
    // Rows are only added at the end.
    let places = move || (0..told.min(shown.get())).collect::<Vec<_>>();
    let rest = move || {
        let left = told.saturating_sub(shown.get());
        if left > 0 {
            let more = Callback::new(move |()| shown.update(|shown| *shown += STEP));
            let word = Text::around("", &count(left as u64), " more");
            return view! { <p class="more bar"><Button small=true on_press=more>{word}</Button></p> };
        }
        let untold = total.saturating_sub(told as u64);
        if untold > 0 {
            return view! { <p class="hint">{count(untold)}" more are counted and not told."</p> };
        }
        View::Empty
    };
    view! {
        <div class="scroll pv-frame" tabindex="0" role="region" aria-label="Refused rows">
            <table class="table" aria-label="Refused rows">
                <thead><tr><th scope="col" class="num pv-line">"Line"</th><th scope="col">"Why"</th></tr></thead>
                <tbody>
                    <For each=places key=|place| *place children=row />
                </tbody>
            </table>
        </div>
        {rest}
    }
}

/// The report as CSV.
fn lines(refused: &[RefusedRow]) -> String {
    let mut text = String::from("line,reason\r\n");
    for row in refused {
        text.push_str(&row.line.to_string());
        text.push_str(&around(",\"", &row.reason.replace('"', "\"\""), "\"\r\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_csv() {
        let row = RefusedRow {
            line: 7,
            reason: "'a\"b' is no mode".into(),
        };
        assert_eq!(lines(&[row]), "line,reason\r\n7,\"'a\"\"b' is no mode\"\r\n");
    }
}
