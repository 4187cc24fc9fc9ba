//! What the server finds in a configuration, asked for a moment after the last key, and shown beside what it is about.

use crate::api::Api;
use crate::api::Method;
use crate::dom::prelude::*;
use crate::ui::Icon;
use crate::words::counted;
use gloo_timers::callback::Timeout;
use shared::api::JsonValue;
use shared::sort::sort_by_key;

const AFTER_MS: u32 = 350;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// It is not sent to any device.
    refused: bool,
    /// It would lock the device out.
    locks_out: bool,
    /// `"servers[0].uri"`.
    place: String,
    message: String,
}

/// What was found last. Found with `expect_context::<Findings>()`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Findings {
    all: RwSignal<Vec<Found>>,
    /// The configuration is not even one: the server's words.
    unreadable: RwSignal<Option<String>>,
}

impl Findings {
    /// Asks whenever `body` changes; it is the body of a request to keep the configuration.
    pub(super) fn follow(api: Api, body: Memo<String>) -> Findings {
        let findings = Findings {
            all: RwSignal::new(Vec::new()),
            unreadable: RwSignal::new(None),
        };
        let pending = StoredValue::new(None::<Timeout>);
        let latest = StoredValue::new(0u32);
        Effect::new(move |_| {
            let body = body.get();
            let number = latest.get_value().wrapping_add(1);
            latest.set_value(number);
            let ask = move || {
                let asked = api.json(Method::POST, "/bootstrap/configurations/draft/check", Some(body));
                asked.then(move |answer| {
                    // Overtaken by a newer one, or the page was left.
                    if latest.try_get_value() != Some(number) {
                        return;
                    }
                    match answer {
                        Ok(list) => {
                            findings.unreadable.set(None);
                            findings.all.set(read(&list["items"]));
                        }
                        Err(failure) => findings.unreadable.set(Some(failure.to_string())),
                    }
                });
            };
            pending.set_value(Some(Timeout::new(AFTER_MS, ask)));
        });
        findings
    }
}

pub(super) fn read(items: &JsonValue) -> Vec<Found> {
    let text = |value: &JsonValue| super::text(value).to_owned();
    let mut found: Vec<Found> = super::items(items)
        .iter()
        .map(|item| Found {
            refused: item["severity"] == "refusal",
            locks_out: item["locks_out"] == true,
            place: text(&item["place"]),
            message: text(&item["message"]),
        })
        .collect();
    // What is worst comes first.
    sort_by_key(&mut found, |found| (!found.locks_out, !found.refused));
    found
}

/// The findings about a place of the form, and about what is below it and has no field of its own.
#[component]
pub(super) fn Beside(
    #[prop(into)] place: String,
    /// What of it has a field of its own: `"uri"`.
    #[prop(optional)]
    but: &'static [&'static str],
) -> impl IntoView {
    let findings = expect_context::<Findings>();
    move || {
        findings.all.with(|all| {
            let about = all.iter().filter(|found| is_about(&found.place, &place, but));
            about.map(notice).collect_view()
        })
    }
}

fn is_about(found: &str, place: &str, but: &[&str]) -> bool {
    match found.strip_prefix(place) {
        Some("") => true,
        Some(rest) => match rest.strip_prefix('.') {
            Some(below) => !but.contains(&below),
            None => false,
        },
        None => false,
    }
}

pub(super) fn notice(found: &Found) -> View {
    let (class, word) = match (found.locks_out, found.refused) {
        (true, _) => ("notice pv-finding tone-bad", "Locks the device out: "),
        (false, true) => ("notice pv-finding tone-bad", "Not sent: "),
        (false, false) => ("notice pv-finding tone-warning", ""),
    };
    view! { <p class=class><Icon name="warning" /><span>{word}{Text::from(&*found.message)}</span></p> }
}

/// What holds for the whole, in a line; and every finding, where the form is not there to show it.
#[component]
pub(super) fn Summary(#[prop(into)] all: Signal<bool>) -> impl IntoView {
    let findings = expect_context::<Findings>();
    let words = move || {
        let (bad, warned) = findings.all.with(|all| {
            let bad = all.iter().filter(|found| found.refused).count();
            (bad as u64, (all.len() - bad) as u64)
        });
        match (bad, warned) {
            (0, 0) => (
                "notice tone-good",
                "check",
                "Nothing speaks against it.".to_owned(),
            ),
            (0, warned) => (
                "notice tone-warning",
                "warning",
                format!(
                    "{}. It can be kept and sent.",
                    counted(warned, "warning", "warnings")
                ),
            ),
            (bad, _) => (
                "notice tone-bad",
                "warning",
                format!(
                    "It would not be sent to any device: {} to mend.",
                    counted(bad, "thing", "things")
                ),
            ),
        }
    };
    let listed = move || {
        all.get().then(|| {
            let line = |found: &Found| {
                let place = Text::from(&*found.place);
                view! { <div class="pv-found"><code>{place}</code>{notice(found)}</div> }
            };
            findings.all.with(|all| all.iter().map(line).collect_view())
        })
    };
    view! {
        <div role="status" class="stack">
            {move || match findings.unreadable.get() {
                Some(words) => view! { <p class="notice tone-bad"><Icon name="warning" />{words}</p> },
                None => {
                    let (class, icon, words) = words();
                    view! { <p class=class><Icon name=icon />{words}</p> }
                }
            }}
            {listed}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_stands_beside_its_field_and_else_beside_what_holds_it() {
        let fields = &["uri", "security"];
        for (found, place, but, about) in [
            ("servers[0].uri", "servers[0].uri", &[][..], true),
            ("servers[0].uri", "servers[0]", fields, false),
            ("servers[0].lifetime", "servers[0]", fields, true),
            ("servers[0]", "servers[0]", fields, true),
            ("servers[10].uri", "servers[1]", &[], false),
            ("servers", "servers[0]", &[], false),
            ("servers[0]", "servers", &[], false),
        ] {
            assert_eq!(is_about(found, place, but), about, "{found} beside {place}");
        }
    }
}
