//! The rules by which unknown devices are let in. They are kept as a whole, in their order.

use super::approve::{Said, Saying};
use crate::api::Api;
use crate::dom::prelude::*;
use crate::pages::provisioning::may_provision;
use crate::reactive::spawn_local;
use crate::ui::{Badge, Button, Dialog, Empty, Field, Icon, Load, Loader, Toasts, Tone, load, loaded};
use shared::api::{ApprovalRule, ApprovalRules};

#[component]
pub(super) fn Rules(
    /// An endpoint name for which a rule is wanted.
    beginning: RwSignal<Option<String>>,
    changed: Callback<()>,
) -> impl IntoView {
    let api = expect_context::<Api>();
    let rules = load(move || async move { api.get::<ApprovalRules>("/bootstrap/rules").await });
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
            {loaded(rules, "The rules could not be read", move |list| table(list, rules))}
        </section>
        <Dialog open=open title="Let devices in by rule">
            <Form beginning=beginning.get_untracked() rules=rules open=open changed=changed />
        </Dialog>
    }
}

fn table(list: ApprovalRules, rules: Loader<ApprovalRules>) -> View {
    if list.items.is_empty() {
        return view! {
            <Empty
                icon="list"
                title="No rule"
                text="Without a rule every unknown device waits for a person. A rule lets in the devices of a name by themselves, once they proved who they are."
            />
        };
    }
    let last = list.items.len() - 1;
    let all = StoredValue::new(list.clone());
    let row = |(index, rule): (usize, ApprovalRule)| {
        let (name, approval) = (rule.endpoint, rule.approval);
        let remove = Callback::new(move |()| {
            let mut list = all.get_value();
            list.items.remove(index);
            keep(list, rules, None);
        });
        let earlier = Callback::new(move |()| {
            let mut list = all.get_value();
            list.items.swap(index - 1, index);
            keep(list, rules, None);
        });
        let mut gets: Vec<String> = Vec::new();
        gets.extend(approval.configuration.map(|name| format!("configuration {name}")));
        gets.extend(approval.group.map(|group| format!("group {group}")));
        gets.extend(approval.label.map(|label| format!("label {label}")));
        gets.extend(
            approval
                .tags
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        );
        let who = if rule.without_security {
            view! { <Badge text="Anybody" tone=Tone::Warning icon="warning" /> }
        } else {
            view! { <Badge text="Proved" tone=Tone::Good icon="lock" /> }
        };
        let operate = may_provision().then(|| {
            view! {
                {(last > 0).then(|| view! { <Button small=true icon="arrow-up" label=format!("Move the rule {name} up") disabled=Signal::stored(index == 0) on_press=earlier /> })}
                <Button small=true kind="danger" icon="trash" label=format!("Remove the rule {name}") on_press=remove />
            }
        });
        view! {
            <tr data-row="">
                <td data-label="Names" class="mono wrap">{name}</td>
                <td data-label="Who">{who}</td>
                <td data-label="Gets" class="wrap">{if gets.is_empty() { "what rules say".to_owned() } else { gets.join(", ") }}</td>
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
            <tbody>{list.items.into_iter().enumerate().map(row).collect_view()}</tbody>
        </table>
    }
}

/// Keeps the rules and shows them as the server has them.
fn keep(list: ApprovalRules, rules: Loader<ApprovalRules>, done: Option<Callback<Option<String>>>) {
    let api = expect_context::<Api>();
    let toasts = expect_context::<Toasts>();
    spawn_local(async move {
        let answer = api.put::<ApprovalRules>("/bootstrap/rules", &list).await;
        let words = answer.as_ref().err().map(ToString::to_string);
        if let Ok(kept) = answer
            && rules.state.try_set(Load::Ready(kept)).is_some()
        {
            return;
        }
        match (done, words) {
            (Some(done), words) => done.run(words),
            (None, Some(words)) => toasts.say(Tone::Bad, words),
            (None, None) => {}
        }
    });
}

#[component]
fn Form(
    beginning: Option<String>,
    rules: Loader<ApprovalRules>,
    open: RwSignal<bool>,
    changed: Callback<()>,
) -> impl IntoView {
    let pattern = RwSignal::new(beginning.as_deref().map(alike).unwrap_or_default());
    let unsecured = RwSignal::new(false);
    let said = Said::new();
    let missing = RwSignal::new(None::<String>);
    let refusal = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let endpoint = pattern.get_untracked().trim().to_owned();
        missing.set(
            endpoint
                .is_empty()
                .then(|| "Enter a name; * stands for any text.".into()),
        );
        refusal.set(None);
        if busy.get_untracked() || endpoint.is_empty() {
            return;
        }
        let approval = match said.approval() {
            Ok(approval) => approval,
            Err(words) => return refusal.set(Some(words)),
        };
        let mut list = rules.state.with_untracked(|state| match state {
            Load::Ready(list) => list.clone(),
            _ => ApprovalRules::default(),
        });
        list.items.push(ApprovalRule {
            endpoint,
            without_security: unsecured.get_untracked(),
            approval,
        });
        busy.set(true);
        let done = Callback::new(move |words: Option<String>| {
            if busy.try_set(false).is_some() {
                return;
            }
            match words {
                None => {
                    open.set(false);
                    changed.run(());
                }
                Some(words) => refusal.set(Some(words)),
            }
        });
        keep(list, rules, Some(done));
    };
    view! {
        <form class="form" on:submit=submit novalidate=true>
            <Field id="pv-rule-name" label="Endpoint names" value=pattern error=missing code=true autofocus=true hint="* stands for any text: urn:imei:35*." />
            <label class="checkbox">
                <input type="checkbox" prop:checked=move || unsecured.get() on:change=move |event| unsecured.set(event_target_checked(&event)) />
                "Also devices without security"
            </label>
            {move || unsecured.get().then(|| view! { <p class="notice tone-warning"><Icon name="warning" />"Anybody who knows such a name is let in, and reads what it is told."</p> })}
            <Saying id="pv-rule" said=said />
            {move || refusal.get().map(|words| view! { <p class="notice tone-bad" role="alert"><Icon name="warning" />{words}</p> })}
            <div class="actions">
                <Button on_press=Callback::new(move |()| open.set(false))>"Cancel"</Button>
                <Button kind="primary" submit=true busy=busy>"Keep the rule"</Button>
            </div>
        </form>
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
