//! Every address of the page, typed, in one place; and the router that follows the browser's location.
//!
//! A page is chosen by [`Route`]; what it shows (filter, sort, selected path) is in the query, read with
//! [`Router::param`] and written with [`Router::set_params`]. Links are plain `<a href=…>`: clicks on those of this
//! site are taken over here.

use crate::dom::prelude::*;
use crate::params::{Params, decode_segment, encode_segment, path_with};
use shared::api::Role;
use wasm_bindgen::JsCast;
use web_sys::{HtmlAnchorElement, MouseEvent};

/// The parameter of the query by which a page is asked for one of its dialogs.
const ASKED: &str = "do";

/// Where the page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Login,
    Overview,
    Devices,
    Device {
        endpoint: String,
        tab: DeviceTab,
    },
    Credentials,
    /// A part of Provisioning, and what is open in it: a configuration, a session.
    Provisioning {
        part: ProvisioningPart,
        item: Option<String>,
    },
    Models,
    /// One object's definition; its version is in the query.
    Model(u16),
    Audit,
    Settings(SettingsTab),
    /// Opens a link to one device, whose secret is in the fragment.
    Link,
    /// Every primitive of the page; in development builds only.
    #[cfg(debug_assertions)]
    Gallery,
    NotFound,
}

/// The tabs of a device's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum DeviceTab {
    #[default]
    Objects,
    Live,
    Timeline,
    Messages,
    Access,
    Settings,
}

impl DeviceTab {
    pub(crate) const ALL: [DeviceTab; 6] = [
        DeviceTab::Objects,
        DeviceTab::Live,
        DeviceTab::Timeline,
        DeviceTab::Messages,
        DeviceTab::Access,
        DeviceTab::Settings,
    ];

    /// The segment of the address.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            DeviceTab::Objects => "objects",
            DeviceTab::Live => "live",
            DeviceTab::Timeline => "timeline",
            DeviceTab::Messages => "messages",
            DeviceTab::Access => "access",
            DeviceTab::Settings => "settings",
        }
    }

    /// The word for people.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            DeviceTab::Objects => "Objects",
            DeviceTab::Live => "Live",
            DeviceTab::Timeline => "Timeline",
            DeviceTab::Messages => "Messages",
            DeviceTab::Access => "Access",
            DeviceTab::Settings => "Settings",
        }
    }

    /// Whether who came by a link sees it: what only reads, and takes no role.
    pub(crate) const fn is_shown_by_link(self) -> bool {
        matches!(self, DeviceTab::Objects | DeviceTab::Live | DeviceTab::Timeline)
    }

    fn from_slug(slug: &str) -> Option<DeviceTab> {
        DeviceTab::ALL.into_iter().find(|tab| tab.slug() == slug)
    }
}

/// The parts of Provisioning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ProvisioningPart {
    #[default]
    Devices,
    Import,
    Configurations,
    Waiting,
    Sessions,
    Connect,
    Decommissioned,
}

impl ProvisioningPart {
    pub(crate) const ALL: [ProvisioningPart; 7] = [
        ProvisioningPart::Devices,
        ProvisioningPart::Import,
        ProvisioningPart::Configurations,
        ProvisioningPart::Waiting,
        ProvisioningPart::Sessions,
        ProvisioningPart::Connect,
        ProvisioningPart::Decommissioned,
    ];

    /// The segment of the address.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            ProvisioningPart::Devices => "devices",
            ProvisioningPart::Import => "import",
            ProvisioningPart::Configurations => "configurations",
            ProvisioningPart::Waiting => "waiting",
            ProvisioningPart::Sessions => "sessions",
            ProvisioningPart::Connect => "connect",
            ProvisioningPart::Decommissioned => "decommissioned",
        }
    }

    /// The word for people.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            ProvisioningPart::Devices => "Devices",
            ProvisioningPart::Import => "Import",
            ProvisioningPart::Configurations => "Configurations",
            ProvisioningPart::Waiting => "Waiting",
            ProvisioningPart::Sessions => "Sessions",
            ProvisioningPart::Connect => "Connect",
            ProvisioningPart::Decommissioned => "Decommissioned",
        }
    }

    pub(crate) const fn route(self) -> Route {
        Route::Provisioning {
            part: self,
            item: None,
        }
    }

    fn from_slug(slug: &str) -> Option<ProvisioningPart> {
        ProvisioningPart::ALL.into_iter().find(|part| part.slug() == slug)
    }

    /// Whether it has things that are opened one by one.
    const fn has_items(self) -> bool {
        matches!(
            self,
            ProvisioningPart::Configurations | ProvisioningPart::Sessions
        )
    }
}

/// The pages of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum SettingsTab {
    #[default]
    Account,
    Users,
    Tokens,
    Links,
    Server,
    About,
}

impl SettingsTab {
    pub(crate) const ALL: [SettingsTab; 6] = [
        SettingsTab::Account,
        SettingsTab::Users,
        SettingsTab::Tokens,
        SettingsTab::Links,
        SettingsTab::Server,
        SettingsTab::About,
    ];

    /// The segment of the address.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            SettingsTab::Account => "account",
            SettingsTab::Users => "users",
            SettingsTab::Tokens => "tokens",
            SettingsTab::Links => "links",
            SettingsTab::Server => "server",
            SettingsTab::About => "about",
        }
    }

    /// The word for people.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            SettingsTab::Account => "Account",
            SettingsTab::Users => "Users",
            SettingsTab::Tokens => "Tokens",
            SettingsTab::Links => "Links",
            SettingsTab::Server => "Server",
            SettingsTab::About => "About",
        }
    }

    /// The least role that is shown it.
    pub(crate) const fn least(self) -> Role {
        match self {
            SettingsTab::Account | SettingsTab::Server | SettingsTab::About => Role::Viewer,
            SettingsTab::Links => Role::Operator,
            SettingsTab::Users | SettingsTab::Tokens => Role::Admin,
        }
    }

    fn from_slug(slug: &str) -> Option<SettingsTab> {
        SettingsTab::ALL.into_iter().find(|tab| tab.slug() == slug)
    }
}

impl Route {
    /// The route of a path such as `"/devices/urn:imei:1/live"`.
    pub(crate) fn parse(path: &str) -> Route {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        match segments.as_slice() {
            [] | ["devices"] => Route::Devices,
            ["login"] => Route::Login,
            ["overview"] => Route::Overview,
            ["credentials"] => Route::Credentials,
            ["provisioning"] => ProvisioningPart::default().route(),
            ["provisioning", part] => {
                ProvisioningPart::from_slug(part).map_or(Route::NotFound, ProvisioningPart::route)
            }
            ["provisioning", part, item] => match ProvisioningPart::from_slug(part) {
                Some(part) if part.has_items() => Route::Provisioning {
                    part,
                    item: Some(decode_segment(item)),
                },
                _ => Route::NotFound,
            },
            ["models"] => Route::Models,
            ["models", id] => id.parse().map_or(Route::NotFound, Route::Model),
            ["audit"] => Route::Audit,
            ["settings"] => Route::Settings(SettingsTab::default()),
            ["settings", tab] => SettingsTab::from_slug(tab).map_or(Route::NotFound, Route::Settings),
            ["link"] => Route::Link,
            #[cfg(debug_assertions)]
            ["gallery"] => Route::Gallery,
            ["devices", endpoint] => Route::Device {
                endpoint: decode_segment(endpoint),
                tab: DeviceTab::default(),
            },
            ["devices", endpoint, tab] => match DeviceTab::from_slug(tab) {
                Some(tab) => Route::Device {
                    endpoint: decode_segment(endpoint),
                    tab,
                },
                None => Route::NotFound,
            },
            _ => Route::NotFound,
        }
    }

    /// The address, without a query.
    pub(crate) fn href(&self) -> String {
        match self {
            Route::Login => "/login".into(),
            Route::Overview => "/overview".into(),
            Route::Devices | Route::NotFound => "/devices".into(),
            Route::Credentials => "/credentials".into(),
            Route::Provisioning { part, item: None } => format!("/provisioning/{}", part.slug()),
            Route::Provisioning {
                part,
                item: Some(item),
            } => format!("/provisioning/{}/{}", part.slug(), encode_segment(item)),
            Route::Models => "/models".into(),
            Route::Model(id) => format!("/models/{id}"),
            Route::Audit => "/audit".into(),
            Route::Settings(tab) => format!("/settings/{}", tab.slug()),
            Route::Link => "/link".into(),
            #[cfg(debug_assertions)]
            Route::Gallery => "/gallery".into(),
            Route::Device { endpoint, tab } => {
                format!("/devices/{}/{}", encode_segment(endpoint), tab.slug())
            }
        }
    }
}

/// The address of a device's page.
pub(crate) fn device_href(endpoint: &str) -> String {
    format!("/devices/{}", encode_segment(endpoint))
}

/// The address of the devices that a query finds.
pub(crate) fn devices_href(query: &str) -> String {
    path_with("/devices", "query", query)
}

/// The page after a log in: only an address of this site is taken.
pub(crate) fn safe_return(wanted: Option<&str>) -> String {
    match wanted {
        Some(path) if path.starts_with('/') && !path.starts_with("//") && !shared::text::has(path, '\\') => {
            path.into()
        }
        _ => Route::Devices.href(),
    }
}

/// Follows and changes the browser's location. Found with `expect_context::<Router>()`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Router {
    path: RwSignal<String>,
    query: RwSignal<Params>,
    route: Memo<Route>,
}

impl Router {
    /// Starts to follow the location. Called once, by the application.
    pub(crate) fn start() -> Router {
        let path = RwSignal::new(current_path());
        let query = RwSignal::new(current_query());
        let route = Memo::new(move |_| path.with(|path| Route::parse(path)));
        let router = Router { path, query, route };
        window_event_listener::<web_sys::Event>("popstate", move |_| router.follow());
        window_event_listener::<MouseEvent>("click", move |event| router.take_click(&event));
        router
    }

    pub(crate) const fn route(self) -> Memo<Route> {
        self.route
    }

    /// The path and query as they are now, for coming back here.
    pub(crate) fn here(self) -> String {
        self.path.get_untracked() + &self.query.with_untracked(Params::to_query)
    }

    /// One parameter of the query, as a signal.
    pub(crate) fn param(self, name: &'static str) -> Memo<Option<String>> {
        Memo::new(move |_| self.query.with(|query| query.get(name).map(str::to_owned)))
    }

    /// Does something when the address asks for it with `do=what`, which is gone from the address then: how a link opens a
    /// dialog of a page.
    pub(crate) fn on_asked(self, what: &'static str, act: impl Fn() + 'static) {
        let asked = self.param(ASKED);
        Effect::new(move |_| {
            if asked.with(|asked| asked.as_deref() == Some(what)) {
                untrack(|| self.set_params(&[(ASKED, None)], false));
                untrack(&act);
            }
        });
    }

    /// Changes parameters of the query (`None` removes one). `remember` makes a step that the back button undoes;
    /// typing in a filter makes none.
    pub(crate) fn set_params(self, changes: &[(&str, Option<&str>)], remember: bool) {
        let href = untrack(|| self.href_with(changes));
        if href != self.here() {
            self.push(&href, remember);
        }
    }

    /// The address of this page with some parameters changed.
    pub(crate) fn href_with(self, changes: &[(&str, Option<&str>)]) -> String {
        let mut query = self.query.get();
        for (name, value) in changes {
            query.set(name, *value);
        }
        self.path.get() + &query.to_query()
    }

    /// The address of a page: of this one with some parameters changed, of another with only these.
    pub(crate) fn href_at(self, route: &Route, changes: &[(&str, Option<&str>)]) -> String {
        if self.route.with(|here| here == route) {
            return self.href_with(changes);
        }
        let given = changes.iter().fold(Params::default(), |params, (name, value)| {
            params.with(name, *value)
        });
        route.href() + &given.to_query()
    }

    /// Goes to an address of this site.
    pub(crate) fn go(self, href: &str) {
        self.push(href, true);
    }

    /// Goes to an address in place of this one: the back button does not come back here.
    pub(crate) fn replace(self, href: &str) {
        self.push(href, false);
    }

    fn push(self, href: &str, remember: bool) {
        let changed = window().history().and_then(|history| {
            let state = wasm_bindgen::JsValue::NULL;
            if remember {
                history.push_state_with_url(&state, "", Some(href))
            } else {
                history.replace_state_with_url(&state, "", Some(href))
            }
        });
        match changed {
            Ok(()) => self.follow(),
            // The browser refuses when the page changes its address too often: then the long way.
            Err(_) => drop(window().location().set_href(href)),
        }
    }

    fn follow(self) {
        let (path, query) = (current_path(), current_query());
        if self.path.with_untracked(|known| *known != path) {
            // The query belongs to the new page: both change before anything looks.
            self.query.update_untracked(|known| known.clone_from(&query));
            self.path.set(path);
            window().scroll_to_with_x_and_y(0.0, 0.0);
            self.query.notify();
        } else if self.query.with_untracked(|known| *known != query) {
            self.query.set(query);
        }
    }

    /// A plain click on a link of this site changes the location without loading the page again.
    fn take_click(self, event: &MouseEvent) {
        if event.default_prevented()
            || event.button() != 0
            || event.meta_key()
            || event.ctrl_key()
            || event.shift_key()
            || event.alt_key()
        {
            return;
        }
        let Some(anchor) = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|element| element.closest("a[href]").ok().flatten())
            .and_then(|element| element.dyn_into::<HtmlAnchorElement>().ok())
        else {
            return;
        };
        let here = window().location();
        let elsewhere = here.origin().map_or(true, |origin| anchor.origin() != origin);
        let href = anchor.get_attribute("href").unwrap_or_default();
        if elsewhere
            || href.is_empty()
            || href.starts_with('#')
            || anchor.has_attribute("download")
            || anchor.has_attribute("target")
            || anchor.pathname().starts_with("/api/")
        {
            return;
        }
        event.prevent_default();
        self.go(&(anchor.pathname() + &anchor.search()));
    }
}

fn current_path() -> String {
    window().location().pathname().unwrap_or_default()
}

fn current_query() -> Params {
    Params::parse(&window().location().search().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_reads_back_from_its_address() {
        let device = |tab| Route::Device {
            endpoint: "urn:dev:ops:5A2B/7 é".into(),
            tab,
        };
        let mut routes = vec![
            Route::Login,
            Route::Overview,
            Route::Devices,
            Route::Credentials,
            Route::Models,
            Route::Model(3303),
            Route::Audit,
            Route::Link,
            #[cfg(debug_assertions)]
            Route::Gallery,
        ];
        routes.extend(SettingsTab::ALL.map(Route::Settings));
        routes.extend(DeviceTab::ALL.map(device));
        for route in routes {
            assert_eq!(Route::parse(&route.href()), route);
        }
    }

    #[test]
    fn a_device_opens_at_its_objects() {
        let expect = Route::Device {
            endpoint: "a".into(),
            tab: DeviceTab::Objects,
        };
        assert_eq!(Route::parse(&device_href("a")), expect);
        assert_eq!(Route::parse("/devices/a/"), expect);
    }

    #[test]
    fn an_unknown_address_is_said_to_be_unknown() {
        for path in ["/nowhere", "/devices/a/b", "/devices/a/live/x", "/models/x"] {
            assert_eq!(Route::parse(path), Route::NotFound);
        }
    }

    #[test]
    fn a_log_in_returns_to_this_site_only() {
        assert_eq!(safe_return(Some("/devices/a?x=1")), "/devices/a?x=1");
        for wanted in [
            None,
            Some("//evil.example"),
            Some("https://evil.example"),
            Some("/\\evil.example"),
        ] {
            assert_eq!(safe_return(wanted), "/devices");
        }
    }
}
