//! The palette: any device, page or action by typing a part of its name. And the help on the keyboard, which is loaded with it.
//!
//! - [`places`]: pages and actions, which are known here; [`found`]: devices, which the server finds. [`rank`]: how well
//!   something matches. [`order`]: which of all that is told, and in which order. Pure, the last two.

mod found;
mod help;
mod order;
mod places;
mod rank;

use crate::dom::prelude::*;
use crate::frame::Deed;
use crate::keys::{self, Act, KEYS, Overlays, Scope};
use crate::routing::Router;
use crate::session::Session;
use crate::ui::{Icon, StateBadge, alert, save_from};
use crate::words::{around, true_or_false};
use found::Search;
use shared::DeviceState;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

crate::module::module!(palette, page);
crate::module::module!(help, help::help);

fn page() -> View {
    view! { <Palette /> }
}

/// Something to choose.
#[derive(Debug, Clone)]
struct Entry {
    group: &'static str,
    icon: &'static str,
    title: String,
    /// Other words by which it is found.
    words: &'static str,
    /// Said beside it.
    note: String,
    /// The title, or the note if there is one, is the name of a device.
    is_name: bool,
    state: Option<DeviceState>,
    /// Told only when something is typed.
    quiet: bool,
    deed: Deed,
}

impl Entry {
    #[inline(never)]
    fn new(group: &'static str, icon: &'static str, title: &str, deed: Deed) -> Entry {
        Entry {
            group,
            icon,
            title: title.to_owned(),
            words: "",
            note: String::new(),
            is_name: false,
            state: None,
            quiet: false,
            deed,
        }
    }

    /// Whether it is the same thing, told again.
    fn is(&self, other: &Entry) -> bool {
        (self.group, &self.title, &self.note) == (other.group, &other.title, &other.note)
    }
}

/// What is told, in its order.
#[derive(Default)]
struct Told(Vec<Entry>);

impl Told {
    /// Adds something to choose, and returns it for what else there is to say of it.
    #[inline(never)]
    fn add(&mut self, group: &'static str, icon: &'static str, title: &str, deed: Deed) -> &mut Entry {
        self.0.push_mut(Entry::new(group, icon, title, deed))
    }
}

const LIST: &str = "palette-list";

/// The state of the open palette.
#[derive(Debug, Clone, Copy)]
struct Choice {
    shown: RwSignal<Vec<Entry>>,
    active: RwSignal<usize>,
    /// The person chose the active one, and it stays so while others come and go.
    moved: StoredValue<bool>,
    /// Enter was pressed before the answer was here.
    hurried: StoredValue<bool>,
    overlays: Overlays,
    router: Router,
}

impl Choice {
    fn show(self, entries: Vec<Entry>) {
        let chosen = self.moved.get_value().then(|| self.chosen()).flatten();
        let place = chosen.and_then(|chosen| entries.iter().position(|entry| entry.is(&chosen)));
        self.active.set(place.unwrap_or(0));
        self.shown.set(entries);
    }

    fn chosen(self) -> Option<Entry> {
        self.at(self.active.get_untracked())
    }

    fn at(self, place: usize) -> Option<Entry> {
        self.shown.with_untracked(|shown| shown.get(place).cloned())
    }

    fn step(self, by: isize) {
        let count = self.shown.with_untracked(Vec::len);
        if count > 0 {
            let next = self.active.get_untracked() as isize + by;
            self.moved.set_value(true);
            self.active.set(next.rem_euclid(count as isize) as usize);
            scroll_to(self.active.get_untracked());
        }
    }

    /// Closes the palette, which gives the focus back, and then does what was chosen.
    #[inline(never)]
    fn run(self, entry: Option<Entry>) {
        let router = self.router;
        let Some(entry) = entry else { return };
        self.overlays.palette.set(false);
        request_animation_frame(move || match entry.deed {
            Deed::Go(href) => router.go(&href),
            Deed::Save(href) => save_from(&href),
            Deed::Run(run) => run(),
        });
    }
}

#[component]
fn Palette() -> impl IntoView {
    let session = expect_context::<Session>();
    let overlays = expect_context::<Overlays>();
    let is_guest = untrack(|| session.only_device()).is_some();
    let account = untrack(|| session.account())
        .map(|view| view.username)
        .unwrap_or_default();
    let recent = if is_guest {
        Vec::new()
    } else {
        found::recent(&account, &expect_context::<Router>().here())
    };
    let known = StoredValue::new((recent, places::all()));
    let search = Search::new();
    let typed = RwSignal::new(String::new());
    let choice = Choice {
        shown: RwSignal::new(Vec::new()),
        active: RwSignal::new(0),
        moved: StoredValue::new(false),
        hurried: StoredValue::new(false),
        overlays,
        router: expect_context(),
    };
    Effect::new(move |_| {
        let typed = typed.get();
        let entries = search.found.with(|found| {
            let devices = if is_guest || typed.is_empty() {
                Vec::new()
            } else {
                found::devices(found, &typed)
            };
            known.with_value(|(recent, places)| order::told(&typed, recent, places, devices))
        });
        choice.show(entries);
        if !search.found.with_untracked(|found| found.pending) && choice.hurried.get_value() {
            choice.hurried.set_value(false);
            choice.run(choice.chosen());
        }
    });
    let take = move |text: String| {
        let text = text.trim().to_owned();
        if typed.with_untracked(|known| *known == text) {
            return;
        }
        choice.moved.set_value(false);
        choice.hurried.set_value(false);
        if !is_guest {
            search.ask(&text);
        }
        typed.set(text);
    };
    let press = move |event: web_sys::KeyboardEvent| {
        match keys::act(Scope::Palette, &event) {
            Some(Act::Next) => choice.step(1),
            Some(Act::Previous) => choice.step(-1),
            Some(Act::Open)
                if search.found.with_untracked(|found| found.pending) && !choice.moved.get_value() =>
            {
                choice.hurried.set_value(true);
            }
            Some(Act::Open) => choice.run(choice.chosen()),
            _ => return,
        }
        event.prevent_default();
    };
    let input = NodeRef::<web_sys::HtmlInputElement>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            // The dialog is open by the next frame; focus is refused only for what is not in the page.
            request_animation_frame(move || {
                let early = overlays.early.get_value();
                overlays.early.set_value(String::new());
                input.set_value(&early);
                take(early);
                drop(input.focus());
            });
        }
    });
    let count = move || match choice.shown.with(Vec::len) {
        1 => "1 result".to_owned(),
        count => format!("{count} results"),
    };
    let label = if is_guest {
        "Go to a page of this device, or do"
    } else {
        "Go to a device or a page, or do"
    };
    let placeholder = if is_guest {
        "Page or action"
    } else {
        "Device, page or action"
    };
    view! {
        <div class="palette">
            <div class="palette-head">
                <Icon name="search" />
                <input
                    node_ref=input
                    type="text"
                    role="combobox"
                    aria-label=label
                    aria-expanded="true"
                    aria-autocomplete="list"
                    aria-controls=LIST
                    aria-activedescendant=move || (choice.shown.with(|shown| !shown.is_empty())).then(|| option_id(choice.active.get()))
                    placeholder=placeholder
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="go"
                    on:input=move |event| take(event_target_value(&event))
                    on:keydown=press
                />
                <progress class="progress" aria-label="Searching devices" class:idle=move || !search.found.with(|found| found.pending)></progress>
                <button type="button" class="btn quiet bare" aria-label="Close" on:click=move |_| overlays.palette.set(false)>
                    <Icon name="cross" />
                </button>
            </div>
            {move || {
                let why = search.found.with(|found| found.trouble.clone());
                why.map(|why| alert(around("Devices could not be searched. ", &why, "")))
            }}
            {move || choice.shown.with(Vec::is_empty).then(|| view! {
                <p class="palette-none">"Nothing here is called so. A part of a name is enough, and the first letters of its words."</p>
            })}
            <div class="palette-list" id=LIST role="listbox" aria-label="Devices, pages and actions">
                {move || choice.shown.with(|shown| groups(choice, shown))}
            </div>
            <p class="visually-hidden" role="status">{count}</p>
            <p class="palette-foot" aria-hidden="true">
                {KEYS.iter().filter(|key| key.scope == Scope::Palette).map(|key| view! { <span><kbd>{key.shown}</kbd>{key.what}</span> }).collect_view()}
            </p>
        </div>
    }
}

/// The entries under the heads of their groups.
fn groups(choice: Choice, entries: &[Entry]) -> View {
    let mut first = 0;
    entries
        .chunk_by(|one, other| one.group == other.group)
        .map(|group| {
            let begins = first;
            first += group.len();
            let name = group.first().map_or("", |entry| entry.group);
            let head = format!("palette-group-{begins}");
            let options = group.iter().enumerate();
            let options = options.map(|(place, entry)| option(choice, begins + place, entry));
            view! {
                <div role="group" aria-labelledby=head.clone()>
                    <p class="palette-group" id=head role="presentation">{name}</p>
                    {options.collect_view()}
                </div>
            }
        })
        .collect_view()
}

fn option_id(place: usize) -> String {
    format!("palette-option-{place}")
}

fn option(choice: Choice, place: usize, entry: &Entry) -> View {
    let active = move || choice.active.get() == place;
    let title_is_name = entry.is_name && entry.note.is_empty();
    view! {
        <div
            class="palette-option"
            class:active=active
            id=option_id(place)
            role="option"
            aria-selected=move || true_or_false(active())
            on:pointermove=move |_| {
                if choice.active.get_untracked() != place {
                    choice.moved.set_value(true);
                    choice.active.set(place);
                }
            }
            on:click=move |_| choice.run(choice.at(place))
        >
            <Icon name=entry.icon />
            <span class="cut" class:mono=title_is_name>{Text::from(&*entry.title)}</span>
            <span class="palette-note cut" class:mono=entry.is_name>{Text::from(&*entry.note)}</span>
            {entry.state.map(|state| view! { <StateBadge state=state /> })}
        </div>
    }
}

/// Brings an option into sight.
fn scroll_to(place: usize) {
    let option = document().get_element_by_id(&option_id(place));
    if let Some(option) = option.and_then(|option| option.dyn_into::<HtmlElement>().ok()) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        option.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
