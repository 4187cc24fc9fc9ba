//! How far an import is, and how it went: counts, the refused rows with their reasons, the keys that were made.

use crate::api::Api;
use crate::api::Method;
use crate::dom::prelude::*;
use crate::pages::provisioning::may_provision;
use crate::reactive::spawn_local;
use crate::ui::{Ago, Badge, Button, Icon, Toasts, Tone, save_bytes, save_text};
use crate::words::{count, counted};
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
    view! { <Badge text=word tone=tone icon=tone.icon() /> }
}

#[component]
pub(super) fn Report(import: ImportView, changed: Callback<()>) -> impl IntoView {
    let progress = (import.state == ImportState::Running).then(|| progress(&import));
    let reason = import.reason.clone().map(|reason| {
        view! {
            <p class="notice tone-bad" role="alert"><Icon name="warning" /><span>"It broke off: "{reason}". What was taken before stays; the same file can be sent again."</span></p>
        }
    });
    let report = (import.refused_total > 0).then(|| {
        let name = format!("{}-refused.csv", import.id);
        let text = lines(&import.refused);
        let save = Callback::new(move |()| save_text(&name, "text/csv", &text));
        view! {
            <div class="bar">
                <h3>{format!("{} refused", counted(import.refused_total, "row", "rows"))}</h3>
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
                <h2 class="mono">{import.id.clone()}</h2>
                {state(import.state)}
                <span class="muted pv-end">{format!("by {} ", import.by)}<Ago at=Some(import.started_at) focusable=true /></span>
            </header>
            <div class="pv-body">
                {progress}
                {reason}
                <dl class="facts pv-facts" role="status">
                    {number("New devices", import.created)}
                    {number("Updated", import.updated)}
                    {number("Refused", import.refused_total)}
                </dl>
                <Keys import=import changed=changed />
                {report}
            </div>
        </section>
    }
}

fn progress(import: &ImportView) -> View {
    let words = match import.bytes_total {
        Some(total) if total > 0 => format!(
            "{} of {} kB read",
            count(import.bytes / 1000),
            count(total / 1000)
        ),
        _ => format!("{} kB read", count(import.bytes / 1000)),
    };
    let bar = match import.bytes_total {
        Some(total) if total > 0 => view! {
            <progress class="progress" aria-label="Progress of the import" max=total.to_string() value=import.bytes.to_string()></progress>
        },
        _ => view! { <progress class="progress" aria-label="Progress of the import"></progress> },
    };
    view! { <div class="stack">{bar}<p class="muted">{words}</p></div> }
}

/// The keys that were made: they can be fetched once.
#[component]
fn Keys(import: ImportView, changed: Callback<()>) -> impl IntoView {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let busy = RwSignal::new(false);
    if import.generated == 0 || import.state == ImportState::Running {
        return View::Empty;
    }
    let id = import.id;
    let fetch = Callback::new(move |()| {
        let path = format!("/imports/{}/credentials", crate::params::encode_segment(&id));
        let name = format!("{id}-keys.csv");
        busy.set(true);
        spawn_local(async move {
            let answer = api.file(Method::POST, &path).await;
            match &answer {
                Ok(bytes) => save_bytes(&name, "text/csv", bytes),
                Err(failure) => toasts.say(Tone::Bad, failure.to_string()),
            }
            if busy.try_set(false).is_none() && answer.is_ok() {
                changed.run(());
            }
        });
    });
    let words = format!(
        "{} made. They can be saved once, until the server stops; keep the file where keys belong.",
        counted(import.generated, "key was", "keys were")
    );
    if !may_provision() {
        return view! { <p class="notice"><Icon name="key" />{words}</p> };
    }
    view! {
        <div class="notice tone-warning">
            <Icon name="key" />
            <p class="grow">{words}</p>
            <Button small=true icon="download" busy=busy on_press=fetch>"Save the keys"</Button>
        </div>
    }
}

/// The refused rows that are told, some at a time.
pub(super) fn refusals(refused: &[RefusedRow], total: u64) -> View {
    let refused = StoredValue::new(refused.to_vec());
    let shown = RwSignal::new(STEP);
    let told = refused.with_value(Vec::len);
    let row = |row: RefusedRow| {
        view! {
            <tr>
                <td class="num muted">{count(row.line)}</td>
                <td class="wrap">{row.reason}</td>
            </tr>
        }
    };
    let rest = move || {
        let left = told.saturating_sub(shown.get());
        if left > 0 {
            let more = Callback::new(move |()| shown.update(|shown| *shown += STEP));
            let word = format!("{} more", count(left as u64));
            return view! { <p class="more bar"><Button small=true on_press=more>{word}</Button></p> };
        }
        let untold = total.saturating_sub(told as u64);
        if untold > 0 {
            return view! { <p class="hint">{format!("{} more are counted and not told.", count(untold))}</p> };
        }
        View::Empty
    };
    view! {
        <div class="scroll pv-frame" tabindex="0" role="region" aria-label="Refused rows">
            <table class="table" aria-label="Refused rows">
                <thead><tr><th scope="col" class="num pv-line">"Line"</th><th scope="col">"Why"</th></tr></thead>
                <tbody>
                    <For
                        each=move || refused.with_value(|rows| rows.iter().take(shown.get()).cloned().collect::<Vec<_>>())
                        key=|row| row.line
                        children=row
                    />
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
        text.push_str(&format!(
            "{},\"{}\"\r\n",
            row.line,
            row.reason.replace('"', "\"\"")
        ));
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
