//! Keeps the focus where it was when the nodes around it are made anew: on the element at the same place, if it is of the
//! same kind. Without this a button that changes its own surroundings would lose the focus of whoever pressed it. Where there
//! is no such element any more, and nobody else gave the focus away, it goes to [what is nearest](find_again).

use super::window::{document, request_animation_frame};
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement, Node};

/// What one comes to with the Tab key.
const REACHED: &str =
    ":is(a[href], button, input, select, textarea, summary, [tabindex]):not(:disabled, [tabindex='-1'])";

/// Where the focus was between two nodes.
pub(super) struct Focus {
    /// The place among the siblings, outermost first.
    way: Vec<usize>,
    tag: String,
}

impl Focus {
    /// Looks for the focus among the nodes between `start` and `end`, children of `parent`.
    pub(super) fn between(parent: &Node, start: &Node, end: &Node) -> Option<Focus> {
        let focused = document().active_element()?;
        if !parent.contains(Some(&focused)) || focused.is_same_node(Some(parent)) {
            return None;
        }
        let mut way = Vec::new();
        let mut node: Node = focused.clone().into();
        loop {
            let above = node.parent_node()?;
            if above.is_same_node(Some(parent)) {
                way.push(siblings(start, Some(end)).position(|one| one.is_same_node(Some(&node)))?);
                break;
            }
            let first = above.first_child()?;
            let place = if first.is_same_node(Some(&node)) {
                0
            } else {
                1 + siblings(&first, None).position(|one| one.is_same_node(Some(&node)))?
            };
            way.push(place);
            node = above;
        }
        way.reverse();
        Some(Focus {
            way,
            tag: focused.tag_name(),
        })
    }

    /// Gives the focus to what is now at that place.
    pub(super) fn give_back(&self, start: &Node, end: &Node) {
        let Some((first, rest)) = self.way.split_first() else {
            return;
        };
        let mut found = siblings(start, Some(end)).nth(*first);
        for place in rest {
            found = found.and_then(|node| match place {
                0 => node.first_child(),
                place => siblings(&node.first_child()?, None).nth(place - 1),
            });
        }
        let element = found.and_then(|node| node.dyn_into::<Element>().ok());
        if let Some(element) = element.filter(|element| element.tag_name() == self.tag) {
            // Focus is refused only for what cannot have it.
            drop(element.unchecked_ref::<HtmlElement>().focus());
        }
        find_again(start, end);
    }
}

/// The element that has the focus, if it is in `parent`.
pub(super) fn within(parent: &Node) -> Option<Element> {
    let focused = document().active_element()?;
    (parent.contains(Some(&focused)) && !focused.is_same_node(Some(parent))).then_some(focused)
}

/// Gives the focus back to an element that had it, if it lost it because it was moved.
pub(super) fn keep(element: &Element) {
    if element.is_connected() {
        take(element);
    }
}

/// If nothing has the focus once the page is drawn again: gives it to the first that can take it between these nodes, to
/// the last before them, or to the first after them.
pub(super) fn find_again(start: &Node, end: &Node) {
    if !is_lost() {
        return;
    }
    let (start, end) = (start.clone(), end.clone());
    request_animation_frame(move || {
        if is_lost() && !nearest(&start, &end).iter().any(take) {
            crate::keys::focus("#main");
        }
    });
}

fn is_lost() -> bool {
    document()
        .active_element()
        .is_none_or(|focused| focused.tag_name() == "BODY")
}

/// Whether the element has the focus now: it is refused for what cannot be seen, or is behind a dialog.
fn take(element: &Element) -> bool {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    drop(
        element
            .unchecked_ref::<HtmlElement>()
            .focus_with_options(&options),
    );
    document()
        .active_element()
        .is_some_and(|focused| focused.is_same_node(Some(element)))
}

/// What can be reached by key, in the order in which it is to be tried.
fn nearest(start: &Node, end: &Node) -> Vec<Element> {
    let (mut before, mut between, mut after) = (Vec::new(), Vec::new(), Vec::new());
    let Ok(all) = document().query_selector_all(REACHED) else {
        return between;
    };
    // Both are gone if what is around them went too.
    if !start.is_connected() {
        return between;
    }
    let precedes = |one: &Node, other: &Node| {
        other.compare_document_position(one) & Node::DOCUMENT_POSITION_PRECEDING != 0
    };
    for place in 0..all.length() {
        let Some(element) = all.get(place).and_then(|node| node.dyn_into::<Element>().ok()) else {
            continue;
        };
        if precedes(&element, start) {
            before.push(element);
        } else if precedes(&element, end) {
            between.push(element);
        } else {
            after.push(element);
        }
    }
    between.extend(before.into_iter().rev());
    between.extend(after);
    between
}

/// The siblings after a node, up to another or to the last.
fn siblings(after: &Node, until: Option<&Node>) -> impl Iterator<Item = Node> {
    let mut next = after.next_sibling();
    std::iter::from_fn(move || {
        let node = next.take()?;
        if until.is_some_and(|until| node.is_same_node(Some(until))) {
            return None;
        }
        next = node.next_sibling();
        Some(node)
    })
}
