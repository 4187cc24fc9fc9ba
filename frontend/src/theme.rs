//! Light, dark, or as the system has it. `public/theme.js` applies the stored choice before the first paint.

use crate::dom::prelude::*;

const KEY: &str = "muster.theme";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    pub(crate) const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// The value of `data-theme`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Theme::System => "System",
            Theme::Light => "Light",
            Theme::Dark => "Dark",
        }
    }

    /// The stored choice.
    fn stored() -> Theme {
        let name = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
        Theme::named(name.as_deref())
    }

    /// As the system has it without a name that is known.
    pub(crate) fn named(name: Option<&str>) -> Theme {
        Theme::ALL
            .into_iter()
            .find(|theme| name == Some(theme.name()))
            .unwrap_or(Theme::System)
    }

    /// Applies the choice, and stores it where the browser allows that.
    fn apply(self) {
        if let Some(root) = document().document_element() {
            // Neither can fail for a valid attribute name.
            drop(match self {
                Theme::System => root.remove_attribute("data-theme"),
                theme => root.set_attribute("data-theme", theme.name()),
            });
        }
        if let Some(storage) = storage() {
            // A browser that stores nothing keeps the choice until the page is left.
            drop(storage.set_item(KEY, self.name()));
        }
    }
}

/// The theme that is chosen. Found with `expect_context::<ChosenTheme>()`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChosenTheme(RwSignal<Theme>);

impl ChosenTheme {
    pub(crate) fn stored() -> ChosenTheme {
        ChosenTheme(RwSignal::new(Theme::stored()))
    }

    pub(crate) fn get(self) -> Theme {
        self.0.get()
    }

    pub(crate) fn choose(self, theme: Theme) {
        theme.apply();
        self.0.set(theme);
    }
}

pub(crate) fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
