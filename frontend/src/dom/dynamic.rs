//! A closure in a view: what it gives is shown, and replaced whenever a signal changes that it looked at.

use super::call::Give;
use super::focus::Focus;
use super::window::document;
use super::{View, text};
use crate::reactive::repeat;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Node, Text};

/// The place of the closure: a text node, which is the text itself if that is all there is, and else the end of the nodes.
struct Place {
    end: Text,
    /// The text that is shown, if there is one.
    text: JsValue,
    /// Before the first node, once there was one.
    start: Option<Node>,
}

pub(super) fn dynamic(mut make: Box<dyn Give<View>>) -> View {
    let fragment = document().create_document_fragment();
    let end = document().create_text_node("");
    super::element::append(&fragment, &end);
    let mut place = Place {
        end,
        text: JsValue::UNDEFINED,
        start: None,
    };
    repeat(Box::new(move || {
        let view = make.give();
        place.show(view);
    }));
    View::of_node(fragment)
}

impl Place {
    fn show(&mut self, view: View) {
        let Some(parent) = self.end.parent_node() else {
            return;
        };
        let focus = self
            .start
            .as_ref()
            .and_then(|start| Focus::between(&parent, start, &self.end));
        self.clear(&parent);
        let is_text = view.is_text();
        let text = if is_text {
            view.0.clone()
        } else {
            JsValue::UNDEFINED
        };
        if self.text != text {
            if is_text {
                text::set_data_of(&self.end, &text);
            } else {
                self.end.set_data("");
            }
            self.text = text;
        }
        let node = (!is_text).then(|| view.into_node()).flatten();
        if let Some(node) = node {
            if self.start.is_none() {
                let start = mark();
                insert(&parent, &start, &self.end);
                self.start = Some(start);
            }
            insert(&parent, &node, &self.end);
        }
        if let (Some(focus), Some(start)) = (focus, &self.start) {
            focus.give_back(start, &self.end);
        }
    }

    fn clear(&self, parent: &Node) {
        let Some(start) = &self.start else { return };
        while let Some(last) = self.end.previous_sibling() {
            if last.is_same_node(Some(start)) {
                return;
            }
            drop(parent.remove_child(&last));
        }
    }
}

/// Puts a node before another, which is in `parent`.
pub(super) fn insert(parent: &Node, node: &Node, before: &Node) {
    drop(parent.insert_before(node, Some(before)));
}

/// A comment: takes no room and is read by nobody.
pub(super) fn mark() -> Node {
    document().create_comment("").unchecked_into()
}
