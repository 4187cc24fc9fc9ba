//! Keeps the focus where it was when the nodes around it are made anew: on the element at the same place, if it is of the
//! same kind. Without this a button that changes its own surroundings would lose the focus of whoever pressed it.

use super::window::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};

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
    }
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
