//! The rules by which unknown devices are let in. They are kept as a whole, in their order.

use super::approve::{Said, Saying};
use crate::api::Api;
use crate::dom::prelude::*;
use crate::pages::provisioning::may_provision;
use crate::ui::{
    Button, Deed, Dialog, Empty, Field, Form, Icon, Load, Loader, Toasts, Tone, badge, load, loaded_ref,
};
use crate::words::around;
use shared::api::{Approval, ApprovalRule, ApprovalRules};

#[component]
pub(super) fn Rules(
    /// An endpoint name for which a rule is wanted.
    beginning: RwSignal<Option<String>>,
    changed: Callback<()>,
) -> impl IntoView {
    let api = expect_context::<Api>();
    let rules = load(move || api.get::<ApprovalRules>("/bootstrap/rules"));
    let open = RwSignal::new(false);
    Effect::new(move |_| {
        if beginning.with(Option::is_some) {
            open.set(true);
        }
    });
    Effect::new(move |_| {
        if !open.get() && beginning.with_untracked(Option::is_some) {
            beginning.set(None);
        }
    });
    view! {
        <section class="panel scroll" tabindex="0" aria-labelledby="pv-rules">
            <header>
                <h2 id="pv-rules">"Let in by rule"</h2>
                <span class="muted">"The first that fits counts"</span>
                {may_provision().then(|| view! { <span class="pv-end"><Button icon="plus" on_press=Callback::new(move |()| open.set(true))>"New rule"</Button></span> })}
            </header>
            {loaded_ref(rules, "The rules could not be read", move |list| table(list, rules))}
        </section>
        <Dialog open=open title="Let devices in by rule">
            <Asking beginning=beginning.get_untracked() rules=rules open=open changed=changed />
        </Dialog>
    }
}

fn table(list: &ApprovalRules, rules: Loader<ApprovalRules>) -> View {
    if list.items.is_empty() {
        return view! {
            <Empty
                icon="list"
                title="No rule"
                text="Without a rule every unknown device waits for a person. A rule lets in the devices of a name by themselves, once they proved who they are."
            />
        };
    }
    let may = may_provision();
    let several = list.items.len() > 1;
    let row = |(index, rule): (usize, &ApprovalRule)| {
        let name = &*rule.endpoint;
        let operate = may.then(|| {
            let remove = Callback::new(move |()| {
                let mut list = now(rules);
                if index < list.items.len() {
                    list.items.remove(index);
                    keep(&list, rules, None);
                }
            });
            let earlier = several.then(|| {
                let earlier = Callback::new(move |()| {
                    let mut list = now(rules);
                    if 0 < index && index < list.items.len() {
                        list.items.swap(index - 1, index);
                        keep(&list, rules, None);
                    }
                });
                let label = Text::around("Move the rule ", name, " up");
                view! { <Button small=true icon="arrow-up" label=label disabled=Signal::stored(index == 0) on_press=earlier /> }
            });
            let label = Text::around("Remove the rule ", name, "");
            view! {
                {earlier}
                <Button small=true kind="danger" icon="trash" label=label on_press=remove />
            }
        });
        let who = if rule.without_security {
            badge("Anybody", Tone::Warning, "warning")
        } else {
            badge("Proved", Tone::Good, "lock")
        };
        view! {
            <tr data-row="">
                <td data-label="Names" class="mono wrap">{Text::from(name)}</td>
                <td data-label="Who">{who}</td>
                <td data-label="Gets" class="wrap">{gets(&rule.approval)}</td>
                <td class="row-actions">{operate}</td>
            </tr>
        }
    };
    view! {
        <table class="table stacked" aria-label="Rules">
            <thead>
                <tr>
                    <th scope="col">"Names"</th>
                    <th scope="col">"Who"</th>
                    <th scope="col">"Gets"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{list.items.iter().enumerate().map(row).collect_view()}</tbody>
        </table>
    }
}

/// What a rule gives to the devices that it lets in, in words.
fn gets(approval: &Approval) -> String {
    let mut gets = String::new();
    let mut add = |word: &str, text: &str| {
        if !gets.is_empty() {
            gets.push_str(", ");
        }
        gets.push_str(word);
        gets.push_str(text);
    };
    for (word, text) in [
        ("configuration ", &approval.configuration),
        ("group ", &approval.group),
        ("label ", &approval.label),
    ] {
        if let Some(text) = text {
            add(word, text);
        }
    }
    for (name, value) in &approval.tags {
        add("", &around(name, "=", value));
    }
    if gets.is_empty() {
        "what rules say".into()
    } else {
        gets
    }
}

/// The rules as they are shown.
fn now(rules: Loader<ApprovalRules>) -> ApprovalRules {
    untrack(|| rules.look(ApprovalRules::clone)).unwrap_or_default()
}

/// Keeps the rules and shows them as the server has them.
fn keep(list: &ApprovalRules, rules: Loader<ApprovalRules>, done: Option<Callback<Option<String>>>) {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    let asked = api.put::<ApprovalRules>("/bootstrap/rules", list);
    asked.then(move |answer| {
        let words = match answer {
            Ok(kept) => {
                if rules.state.try_set(Load::Ready(kept)).is_some() {
                    return;
                }
                None
            }
            Err(failure) => Some(failure.to_string()),
        };
        match (done, words) {
            (Some(done), words) => done.run(words),
            (None, Some(words)) => toasts.say(Tone::Bad, words),
            (None, None) => {}
        }
    });
}

#[component]
fn Asking(
    beginning: Option<String>,
    rules: Loader<ApprovalRules>,
    open: RwSignal<bool>,
    changed: Callback<()>,
) -> impl IntoView {
    let pattern = RwSignal::new(beginning.as_deref().map(alike).unwrap_or_default());
    let unsecured = RwSignal::new(false);
    let said = Said::new();
    let missing = RwSignal::new(None::<String>);
    let deed = Deed::new();
    let send = Callback::new(move |()| {
        let endpoint = pattern.get_untracked().trim().to_owned();
        missing.set(
            endpoint
                .is_empty()
                .then(|| "Enter a name; * stands for any text.".into()),
        );
        if !deed.may_begin(!endpoint.is_empty()) {
            return;
        }
        let approval = match said.approval() {
            Ok(approval) => approval,
            Err(words) => return deed.refuse(words),
        };
        let mut list = now(rules);
        list.items.push(ApprovalRule {
            endpoint,
            without_security: unsecured.get_untracked(),
            approval,
        });
        deed.busy.set(true);
        let done = Callback::new(move |words: Option<String>| {
            if deed.busy.try_set(false).is_some() {
                return;
            }
            match words {
                None => {
                    open.set(false);
                    changed.run(());
                }
                Some(words) => deed.refuse(words),
            }
        });
        keep(&list, rules, Some(done));
    });
    let close = Callback::new(move |()| open.set(false));
    view! {
        <Form deed=deed send=send button="Keep the rule" cancel=close below=true>
            <Field id="pv-rule-name" label="Endpoint names" value=pattern error=missing code=true autofocus=true hint="* stands for any text: urn:imei:35*." />
            <label class="checkbox">
                <input type="checkbox" prop:checked=move || unsecured.get() on:change=move |event| unsecured.set(event_target_checked(&event)) />
                "Also devices without security"
            </label>
            {move || unsecured.get().then(|| view! { <p class="notice tone-warning"><Icon name="warning" />"Anybody who knows such a name is let in, and reads what it is told."</p> })}
            <Saying id="pv-rule" said=said />
        </Form>
    }
}

/// Names like this one: what differs between devices of a kind is mostly the number at the end.
fn alike(endpoint: &str) -> String {
    let stem = endpoint.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if stem.is_empty() || stem.len() == endpoint.len() {
        endpoint.to_owned()
    } else {
        format!("{stem}*")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_begins_with_names_like_the_one_that_waits() {
        assert_eq!(alike("pump-17"), "pump-*");
        assert_eq!(alike("pump"), "pump");
        assert_eq!(alike("17"), "17");
    }
}
