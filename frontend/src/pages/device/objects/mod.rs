//! The object browser: a tree of what the device has, with what can be done to each part of it.
//!
//! - [`tree`]: the rows (pure); [`row`]: one of them on the page; [`about`]: what is told of the selected one.
//! - [`edit`]: from text to values (pure); [`draft`], [`editor`]: the fields in which a person types them.
//! - [`ask`]: the dialogs: [`write`], [`execute`], [`discover`], [`attributes`], and deleting.
//! - [`preview`]: what a request is on the wire; [`definition`]: uploading a model where it is missed.
//! - [`composite`]: several paths in one message, and saved sets of them.

mod about;
pub(super) mod ask;
mod attributes;
#[cfg(all(test, target_arch = "wasm32"))]
mod browser_tests;
mod composite;
mod definition;
mod discover;
mod draft;
pub(super) mod edit;
mod editor;
mod execute;
mod keys;
mod options;
pub(super) mod preview;
mod row;
pub(super) mod tree;
mod write;

use super::store::{Device, parts};
use crate::dom::prelude::*;
use crate::frame::{Action, Actions as Offers, Deed};
use crate::keys::{Act, KEYS, Key, Scope};
use crate::routing::Router;
use crate::ui::{Button, Empty, Icon};
use crate::words::lower;
use ask::{Ask, Asked};
use row::TreeRow;
use shared::Path;
use shared::api::{OperationKind, RegistrationView, Role};
use shared::sorted::{SortedMap, SortedSet};
use std::rc::Rc;
use tree::{Actions, Item, Kind, Row, Source};

/// The browser. Found with `expect_context::<Browser>()` by its parts. One number, because each row passes it on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Browser(StoredValue<State>);

parts! {
    Browser(State):
    rows: Memo<Vec<Row>>,
    filter: Memo<Option<String>>,
    /// The path in the address.
    selected: Memo<Option<Path>>,
    /// The row that Tab reaches.
    current: RwSignal<Option<Path>>,
    toggled: RwSignal<SortedMap<Path, bool>>,
    unfolded: RwSignal<SortedSet<Path>>,
    /// What a dialog asks, and whether it is open.
    ask: RwSignal<Option<Ask>>,
    asking: RwSignal<bool>,
    /// Whether the dialog for several paths is open.
    composing: RwSignal<bool>,
}

impl Browser {
    fn new(device: Device) -> Browser {
        let router = expect_context::<Router>();
        let filter = router.param("filter");
        let wanted = router.param("path");
        let selected = Memo::new(move |_| wanted.get()?.parse::<Path>().ok());
        let toggled = RwSignal::new(SortedMap::new());
        let unfolded = RwSignal::new(SortedSet::new());
        if let Some(path) = selected.get_untracked() {
            reveal(device, path, toggled, unfolded);
        }
        let rows = Memo::new(move |_| {
            let filter = lower(filter.get().unwrap_or_default().trim());
            let (discovered, toggled, unfolded) = (device.discovered().get(), toggled.get(), unfolded.get());
            let made = |registration: Option<&RegistrationView>| {
                device.registry().with(|registry| {
                    device.values(|values| {
                        tree::rows(Source {
                            registration,
                            registry,
                            values,
                            discovered: &discovered,
                            toggled: &toggled,
                            unfolded: &unfolded,
                            filter: &filter,
                        })
                    })
                })
            };
            let rows = device.detail(|detail| made(detail.registration.as_ref()));
            rows.unwrap_or_default()
        });
        Browser(StoredValue::new(State {
            rows,
            filter,
            selected,
            current: RwSignal::new(selected.get_untracked()),
            toggled,
            unfolded,
            ask: RwSignal::new(None),
            asking: RwSignal::new(false),
            composing: RwSignal::new(false),
        }))
    }

    fn is_selected(self, path: Path) -> bool {
        self.selected().get() == Some(path)
    }

    /// Selects a path, or nothing; the address follows.
    fn select(self, path: Option<Path>) {
        let text = path.map(|path| path.to_string());
        expect_context::<Router>().set_params(&[("path", text.as_deref())], false);
        if path.is_some() {
            self.current().set(path);
        }
    }

    /// Selects a path, or nothing if it is selected.
    fn press(self, path: Path) {
        let selected = self.selected().get_untracked() == Some(path);
        self.select((!selected).then_some(path));
    }

    fn toggle(self, path: Path, open: bool) {
        self.toggled().update(|toggled| {
            toggled.insert(path, open);
        });
    }

    /// Does what a button or key asks for: at once, or after a dialog.
    fn act(self, device: Device, op: OperationKind, path: Path, name: &str) {
        if device.busy().is(path, op) {
            return;
        }
        match op {
            OperationKind::Read | OperationKind::Observe | OperationKind::CancelObserve => {
                device.run(op, path);
            }
            op => {
                let name = name.to_owned();
                self.ask().set(Some(Ask { op, path, name }));
                self.asking().set(true);
            }
        }
    }
}

/// Opens what is above a path, so that its row is there.
fn reveal(
    device: Device,
    path: Path,
    toggled: RwSignal<SortedMap<Path, bool>>,
    unfolded: RwSignal<SortedSet<Path>>,
) {
    toggled.update(|toggled| {
        for depth in 1..path.depth() {
            toggled.insert(path.truncated(depth), true);
        }
    });
    if path.depth() >= 3 && untrack(|| device.known(path)).is_none() {
        unfolded.update(|unfolded| {
            unfolded.insert(path.truncated(2));
        });
    }
}

/// The actions that the account may ask for.
#[inline(never)]
fn allowed(device: Device, actions: Actions) -> Actions {
    let (asks, changes) = (device.may(Role::Support), device.may(Role::Operator));
    Actions {
        read: actions.read && asks,
        observe: actions.observe && asks,
        discover: actions.discover && asks,
        write: actions.write && changes,
        execute: actions.execute && changes,
        create: actions.create && changes,
        delete: actions.delete && changes,
        attributes: actions.attributes && changes,
    }
}

#[component]
pub(super) fn Objects() -> impl IntoView {
    let device = expect_context::<Device>();
    let browser = Browser::new(device);
    provide_context(browser);
    offer(device, browser);
    let router = expect_context::<Router>();
    router.on_asked("execute", move || {
        if let Some(path) = browser.selected().get_untracked()
            && device.may(Role::Operator)
        {
            let name = device.name(path).unwrap_or_default();
            browser.act(device, OperationKind::Execute, path, &name);
        }
    });
    Effect::new(move |ran: Option<()>| {
        // Shows a colleague's link at its place, once.
        if ran.is_none() && browser.selected().get_untracked().is_some() {
            request_animation_frame(keys::scroll_to_selected);
        }
    });
    view! {
        <Toolbar />
        <Show when=move || browser.rows().with(|rows| !rows.is_empty()) fallback=move || view! { <Nothing /> }>
            <div class="panel tree-panel">
                <table class="tree" role="treegrid" aria-label="Objects of the device" on:keydown=move |event| keys::press(device, browser, &event)>
                    <thead>
                        <tr role="row">
                            <th role="columnheader" scope="col">"Name"</th>
                            <th role="columnheader" scope="col">"Path"</th>
                            <th role="columnheader" scope="col">"Value"</th>
                            <th role="columnheader" scope="col">"Age"</th>
                            <th role="columnheader" scope="col"><span class="visually-hidden">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">
                        <For
                            each=move || browser.rows().get()
                            key=|row| Rc::clone(&row.item)
                            children=|row| view! { <TreeRow item=row.item /> }
                        />
                    </tbody>
                </table>
            </div>
        </Show>
        <Asked />
    }
}

/// Offers in the palette what can be done with the selected row.
fn offer(device: Device, browser: Browser) {
    expect_context::<Offers>().offer(move || {
        let selected = browser.selected().get_untracked();
        let row = selected.and_then(|path| keys::row_of(browser, path));
        row.map(|row| of_row(device, browser, &row.item))
            .unwrap_or_default()
    });
}

fn of_row(device: Device, browser: Browser, item: &Rc<Item>) -> Vec<Action> {
    let can = allowed(device, item.actions);
    let observed = device.is_observed(item.path);
    let mut offered = Vec::new();
    let mut add = |may: bool, icon, op, word: &str, end: &str| {
        if may {
            let title = format!("{word} {} {}{end}", item.path, item.name);
            let item = Rc::clone(item);
            let deed = Deed::run(move || browser.act(device, op, item.path, &item.name));
            offered.push(Action::new(icon, title, "selected row", deed));
        }
    };
    add(can.read, "eye", OperationKind::Read, "Read", "");
    add(can.write, "edit", OperationKind::Write, "Write", "…");
    add(can.execute, "play", OperationKind::Execute, "Execute", "…");
    let observe = can.observe && !observed;
    add(observe, "eye", OperationKind::Observe, "Observe", "");
    let end = observed && device.may(Role::Support);
    let word = "End the observation of";
    add(end, "eye", OperationKind::CancelObserve, word, "");
    offered
}

#[component]
fn Toolbar() -> impl IntoView {
    let browser = expect_context::<Browser>();
    let router = expect_context::<Router>();
    let set_all = move |open: bool| {
        browser.toggled().update(|toggled| {
            for row in browser.rows().get_untracked() {
                if matches!(row.kind, Kind::Instance) {
                    toggled.insert(row.path, open);
                }
            }
        });
    };
    view! {
        <div class="bar tree-bar">
            <label class="filter">
                <Icon name="filter" />
                <span class="visually-hidden">"Filter by name or path"</span>
                <input
                    type="search"
                    placeholder="Name or path, such as battery or /3/0/9"
                    prop:value=move || browser.filter().get().unwrap_or_default()
                    on:input=move |event| {
                        router.set_params(&[("filter", Some(&event_target_value(&event)))], false);
                    }
                />
            </label>
            <span class="end">
                <composite::Composite />
                <Button small=true on_press=Callback::new(move |()| set_all(true))>"Open all"</Button>
                <Button small=true on_press=Callback::new(move |()| set_all(false))>"Close all"</Button>
            </span>
            <p class="keys-hint">{KEYS.iter().filter(is_hinted).map(hint).collect_view()}<kbd>"?"</kbd>" all keys"</p>
        </div>
    }
}

/// The keys that are worth a word beside the tree.
fn is_hinted(key: &&Key) -> bool {
    use Act::{Details, Execute, Observe, Read, Write};
    key.scope == Scope::Objects && matches!(key.act, Read | Write | Execute | Observe | Details)
}

fn hint(key: &Key) -> View {
    let word = key.what.split([',', ' ']).next().unwrap_or_default();
    view! { <kbd>{key.shown}</kbd>" "{lower(word)}", " }
}

#[component]
fn Nothing() -> impl IntoView {
    let browser = expect_context::<Browser>();
    let router = expect_context::<Router>();
    move || {
        if browser.filter().get().is_some() {
            let clear = Callback::new(move |()| router.set_params(&[("filter", None)], false));
            view! {
                <Empty title="Nothing matches" text="No object, resource or path of this device contains that." icon="filter">
                    <Button on_press=clear>"Show everything"</Button>
                </Empty>
            }
        } else {
            view! {
                <Empty
                    title="No objects yet"
                    text="The device has not registered any object. They appear here as soon as it does."
                    icon="list"
                />
            }
        }
    }
}
