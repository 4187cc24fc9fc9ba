//! The navigation: a rail, icons when narrow, a bar at the bottom on a phone.

use crate::dom::prelude::*;
use crate::routing::{ProvisioningPart, Route, Router, SettingsTab};
use crate::session::Session;
use crate::ui::Icon;
use shared::api::Role;

/// A place of the navigation: where it leads, its icon and word, and who may go there.
pub(crate) struct Place {
    pub(crate) route: Route,
    pub(crate) icon: &'static str,
    pub(crate) word: &'static str,
    role: Role,
    /// The key behind `g` that goes there.
    pub(crate) key: &'static str,
}

const fn place(route: Route, icon: &'static str, word: &'static str, role: Role, key: &'static str) -> Place {
    Place {
        route,
        icon,
        word,
        role,
        key,
    }
}

/// Every place of the navigation, in its order.
pub(crate) static PLACES: [Place; 7] = [
    place(Route::Overview, "chart", "Overview", Role::Viewer, "o"),
    place(Route::Devices, "devices", "Devices", Role::Viewer, "d"),
    place(
        ProvisioningPart::Devices.route(),
        "provision",
        "Provisioning",
        Role::Viewer,
        "p",
    ),
    place(Route::Credentials, "key", "Credentials", Role::Operator, "k"),
    place(Route::Models, "models", "Models", Role::Viewer, "m"),
    place(Route::Audit, "list", "Audit", Role::Admin, "a"),
    place(
        Route::Settings(SettingsTab::Account),
        "settings",
        "Settings",
        Role::Viewer,
        "s",
    ),
];

impl Place {
    /// Whether the account may go there. Who came by a link may go nowhere.
    pub(crate) fn is_open(&self, session: Session) -> bool {
        session.may(self.role) && session.only_device().is_none()
    }

    /// Whether a page is this place or below it.
    fn holds(&self, route: &Route) -> bool {
        match route {
            Route::Device { .. } => self.route == Route::Devices,
            Route::Model(_) => self.route == Route::Models,
            Route::Settings(_) => matches!(self.route, Route::Settings(_)),
            Route::Provisioning { .. } => self.route == ProvisioningPart::Devices.route(),
            other => self.route == *other,
        }
    }
}

#[component]
pub(super) fn Rail() -> impl IntoView {
    let route = expect_context::<Router>().route();
    let session = expect_context::<Session>();
    let link = move |place: &'static Place| {
        let here = Memo::new(move |_| route.with(|route| place.holds(route)));
        view! {
            <Show when=move || place.is_open(session)>
                <a href=place.route.href() aria-current=move || here.get().then_some("page")>
                    <Icon name=place.icon />
                    <span>{place.word}</span>
                </a>
            </Show>
        }
    };
    view! {
        <nav class="rail" aria-label="Main">
            {PLACES.iter().map(link).collect_view()}
        </nav>
    }
}
