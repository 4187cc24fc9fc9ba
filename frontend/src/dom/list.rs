//! A list whose items come, go and move while those that stay keep their nodes.

use super::call::Give;
use super::dynamic::{insert, mark};
use super::focus;
use super::window::document;
use super::{IntoView, View};
use crate::reactive::{AnyValue, Owner, repeat, untrack};
use frontend_macros::component;
use std::rc::Rc;
use web_sys::Node;

/// One view for each item of `each`, by `key`: an item whose key is still there keeps the view that it has. Keys differ
/// from each other.
#[component]
pub(crate) fn For<I, T, K, V>(
    each: impl Fn() -> I + 'static,
    key: impl Fn(&T) -> K + 'static,
    children: impl Fn(T) -> V + 'static,
) -> View
where
    I: IntoIterator<Item = T> + 'static,
    T: 'static,
    K: PartialEq + 'static,
    V: IntoView + 'static,
{
    let children = Rc::new(children);
    list(Box::new(move || {
        let listed = |item: T| {
            let key = AnyValue::new(key(&item));
            let children = Rc::clone(&children);
            Listed {
                key,
                same: AnyValue::same::<K>,
                make: Some(Box::new(move || children(item).into_view())),
            }
        };
        each().into_iter().map(listed).collect::<Vec<_>>()
    }))
}

/// An item of a list whose type is not told, so that all that follows exists once.
struct Listed {
    key: AnyValue,
    same: fn(&AnyValue, &AnyValue) -> bool,
    /// What makes the view, until it is made.
    make: Option<Box<dyn FnOnce() -> View>>,
}

fn list(mut each: Box<dyn Give<Vec<Listed>>>) -> View {
    let (mut list, view) = List::new();
    let mut known: Vec<Listed> = Vec::new();
    repeat(Box::new(move || {
        let mut items = each.give();
        let kept = kept(known.len(), items.len(), &|old, new| {
            let new: &Listed = &items[new];
            (new.same)(&new.key, &known[old].key)
        });
        list.update(&kept, &mut |place| {
            items[place].make.take().map_or(View::Empty, |make| make())
        });
        known = std::mem::take(&mut items);
    }));
    view
}

/// Where each of the new items was among the old ones. Mostly what stays follows what stayed before it.
fn kept(old: usize, new: usize, same: &dyn Fn(usize, usize) -> bool) -> Vec<Option<usize>> {
    let mut next = 0;
    (0..new)
        .map(|item| {
            let place = if next < old && same(next, item) {
                Some(next)
            } else {
                (0..old).find(|known| same(*known, item))
            };
            next = place.map_or(next, |place| place + 1);
            place
        })
        .collect()
}

/// The nodes of the list, before a mark at its end.
struct List {
    /// Under which the items live, longer than one round of the effect.
    owner: Owner,
    items: Vec<Item>,
    end: Node,
}

struct Item {
    owner: Owner,
    first: Node,
    last: Node,
}

impl List {
    fn new() -> (List, View) {
        let fragment = document().create_document_fragment();
        let end = mark();
        super::element::append(&fragment, &end);
        let list = List {
            owner: Owner::current().unwrap_or_else(Owner::new),
            items: Vec::new(),
            end,
        };
        (list, View::of_node(fragment))
    }

    /// Shows as many items as `kept` has: the one that was at that place, or one that `make` gives, called in order.
    fn update(&mut self, kept: &[Option<usize>], make: &mut dyn FnMut(usize) -> View) {
        let Some(parent) = self.end.parent_node() else {
            return;
        };
        let focused = focus::within(&parent);
        // The place of the item that has the focus.
        let place = focused
            .as_ref()
            .and_then(|focused| self.items.iter().position(|item| item.contains(focused)));
        let mut old: Vec<Option<Item>> = self.items.drain(..).map(Some).collect();
        let mut items: Vec<Item> = Vec::with_capacity(kept.len());
        for (place, from) in kept.iter().enumerate() {
            let stays = from.and_then(|from| old.get_mut(from)?.take());
            items.push(stays.unwrap_or_else(|| self.make(&parent, &mut || make(place))));
        }
        for item in old.into_iter().flatten() {
            item.remove(&parent);
        }
        let mut next = self.end.clone();
        for item in items.iter().rev() {
            if !item
                .last
                .next_sibling()
                .is_some_and(|after| after.is_same_node(Some(&next)))
            {
                item.move_before(&parent, &next);
            }
            next = item.first.clone();
        }
        self.items = items;
        if let (Some(focused), Some(place)) = (focused, place) {
            focus::keep(&focused);
            let after = self.items.get(place).map_or(&self.end, |item| &item.first);
            focus::find_again(after, after);
        }
    }

    fn make(&self, parent: &Node, make: &mut dyn FnMut() -> View) -> Item {
        let owner = self.owner.child();
        let view = owner.with(|| untrack(&mut *make));
        let (first, last) = match view.into_node() {
            // One element stands for itself; anything else gets a mark at each side, because it may change.
            Some(node) if node.node_type() == Node::ELEMENT_NODE => {
                insert(parent, &node, &self.end);
                (node.clone(), node)
            }
            node => {
                let (first, last) = (mark(), mark());
                insert(parent, &first, &self.end);
                if let Some(node) = node {
                    insert(parent, &node, &self.end);
                }
                insert(parent, &last, &self.end);
                (first, last)
            }
        };
        Item { owner, first, last }
    }
}

impl Item {
    /// The nodes of the item, in order.
    fn nodes(&self) -> Vec<Node> {
        let mut nodes = vec![self.first.clone()];
        while let Some(node) = nodes.last().filter(|node| !node.is_same_node(Some(&self.last)))
            && let Some(next) = node.next_sibling()
        {
            nodes.push(next);
        }
        nodes
    }

    fn contains(&self, node: &Node) -> bool {
        self.nodes().iter().any(|one| one.contains(Some(node)))
    }

    fn move_before(&self, parent: &Node, before: &Node) {
        for node in self.nodes() {
            insert(parent, &node, before);
        }
    }

    fn remove(self, parent: &Node) {
        let nodes = self.nodes();
        self.owner.dispose();
        for node in nodes {
            drop(parent.remove_child(&node));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::kept;

    fn check(old: &[u8], new: &[u8], expect: &[Option<usize>]) {
        assert_eq!(
            kept(old.len(), new.len(), &|one, other| old[one] == new[other]),
            expect
        );
    }

    #[test]
    fn what_stays_is_found_wherever_it_was() {
        check(&[1, 2, 3], &[1, 2, 3], &[Some(0), Some(1), Some(2)]);
        check(&[1, 2, 3], &[9, 1, 3], &[None, Some(0), Some(2)]);
        check(&[1, 2, 3], &[3, 1, 2], &[Some(2), Some(0), Some(1)]);
        check(&[], &[1], &[None]);
        check(&[1], &[], &[]);
    }
}
