//! Settings: one's own account; users, tokens and links for those who manage them; the server.
//!
//! - [`account`]: password, sessions, how the page looks. [`users`], [`tokens`], [`links`]: lists with what can be done.
//! - [`server`]: where it listens and what devices know it by; [`about`]: what it runs.
//! - [`remove`]: the question before something is taken away.

mod about;
mod account;
mod links;
mod remove;
mod server;
mod tokens;
mod users;

use crate::app::set_title;
use crate::dom::prelude::*;
use crate::routing::{Route, Router, SettingsTab};
use crate::session::Session;
use crate::ui::{Empty, TabItem, Tabs};

crate::module::module!(settings, page);

fn page() -> View {
    view! { <SettingsPage /> }
}

#[component]
fn SettingsPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let route = expect_context::<Router>().route();
    let tab = Memo::new(move |_| match route.get() {
        Route::Settings(tab) => tab,
        _ => SettingsTab::default(),
    });
    Effect::new(move |_| set_title(&format!("{} · Settings", tab.get().word())));
    let items = SettingsTab::ALL
        .into_iter()
        .filter(|tab| untrack(|| session.may(tab.least())))
        .map(|tab| TabItem {
            id: tab.slug(),
            label: tab.word(),
            href: Route::Settings(tab).href(),
        })
        .collect();
    view! {
        <div class="bar page-head"><h1>"Settings"</h1></div>
        <Tabs label="Settings" items=items selected=Signal::derive(move || tab.get().slug()) />
        <section role="tabpanel" id="panel" class="settings-page" aria-labelledby=move || format!("tab-{}", tab.get().slug())>
            {move || {
                let tab = tab.get();
                if untrack(|| session.may(tab.least())) { shown(tab) } else { shut(tab) }
            }}
        </section>
    }
}

fn shown(tab: SettingsTab) -> View {
    match tab {
        SettingsTab::Account => view! { <account::Account /> },
        SettingsTab::Users => view! { <users::Users /> },
        SettingsTab::Tokens => view! { <tokens::Tokens /> },
        SettingsTab::Links => view! { <links::Links /> },
        SettingsTab::Server => view! { <server::Server /> },
        SettingsTab::About => view! { <about::About /> },
    }
}

fn shut(tab: SettingsTab) -> View {
    let text = format!(
        "This page takes the role {}. Ask an administrator for it.",
        tab.least().word()
    );
    view! { <Empty icon="lock" title="You may not see this" text=text /> }
}

/// A line below another in a cell.
#[inline(never)]
fn below(text: &str) -> View {
    view! { <span class="block muted">{Text::from(text)}</span> }
}
