//! What can be done on the page one is on: the page offers it, the palette tells it.

use crate::dom::prelude::*;
use crate::reactive::Owner;
use std::rc::Rc;

/// What comes of choosing something in the palette.
#[derive(Clone)]
pub(crate) enum Deed {
    /// Goes to an address of this site.
    Go(String),
    /// Has the browser save what is at an address of the server.
    Save(String),
    Run(Rc<dyn Fn()>),
}

impl std::fmt::Debug for Deed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Deed::Go(href) | Deed::Save(href) => f.write_str(href),
            Deed::Run(_) => f.write_str("Run"),
        }
    }
}

impl Deed {
    pub(crate) fn run(act: impl Fn() + 'static) -> Deed {
        Deed::Run(Rc::new(act))
    }
}

/// Something that can be done.
#[derive(Debug, Clone)]
pub(crate) struct Action {
    pub(crate) title: String,
    /// Other words by which it is looked for, with spaces between them.
    pub(crate) words: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) deed: Deed,
}

impl Action {
    pub(crate) fn new(
        icon: &'static str,
        title: impl Into<String>,
        words: &'static str,
        deed: Deed,
    ) -> Action {
        Action {
            title: title.into(),
            words,
            icon,
            deed,
        }
    }
}

/// Tells what can be done at the moment.
type Tell = Rc<dyn Fn() -> Vec<Action>>;

/// What the parts of the page offer. Found with `expect_context::<Actions>()`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Actions {
    offers: StoredValue<Vec<(u32, Tell)>>,
    last: StoredValue<u32>,
}

impl Actions {
    pub(crate) fn new() -> Actions {
        Actions {
            offers: StoredValue::new(Vec::new()),
            last: StoredValue::new(0),
        }
    }

    /// Offers what `tell` tells whenever the palette opens, until the part of the page that calls this goes. What is told, and
    /// what is done, finds the contexts of that part.
    pub(crate) fn offer(self, tell: impl Fn() -> Vec<Action> + 'static) {
        let id = self.last.get_value().wrapping_add(1);
        self.last.set_value(id);
        // Weak: an offer does not keep a page that was left.
        let home = Owner::current();
        let home = move || home.filter(|home| home.is_alive());
        let tell: Tell = Rc::new(move || {
            let told = home().map(|owner| owner.with(|| untrack(&tell)));
            let at_home = |action: Action| match action.deed {
                Deed::Run(run) => {
                    let deed = Deed::run(move || {
                        if let Some(owner) = home() {
                            owner.with(|| run());
                        }
                    });
                    Action { deed, ..action }
                }
                _ => action,
            };
            told.unwrap_or_default().into_iter().map(at_home).collect()
        });
        self.offers.update_value(|offers| offers.push((id, tell)));
        on_cleanup(move || {
            self.offers
                .update_value(|offers| offers.retain(|(offered, _)| *offered != id));
        });
    }

    /// What can be done now, the innermost part of the page first.
    pub(crate) fn now(self) -> Vec<Action> {
        let offers = self.offers.get_value();
        offers.iter().rev().flat_map(|(_, tell)| tell()).collect()
    }
}
