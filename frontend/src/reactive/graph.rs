//! The graph under everything reactive: one kind of node for values, computations and owners, kept in one arena.
//!
//! A handle is one number ([`Id`]): the pages copy thousands of them into closures. A node belongs to the one that was being
//! made when it came, and goes with it. A computation is *dirty* when something changed that it read, and *unsure* when a
//! memo that it read may change; whoever reads an unsure memo first has the memos look. Effects run together soon after:
//! first those of the view, parents before what they contain, then the others.
//!
//! Nothing of a page runs while the graph is borrowed: what is called, and what is dropped, may come back here.

use super::slot::{Kept, Value, gone};
use std::any::TypeId;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::rc::Rc;

/// The handle of a node: its place, and how often the place was used before, so that a late handle is told from a new one.
/// Never zero, because no node has the place 0: an id that may be missing is one number too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Id(NonZeroU32);

/// Bits of the place in an [`Id`]: as many nodes can be alive at a time.
const PLACE_BITS: u32 = 18;

/// How many places rest before one is used again.
const REST: usize = 256;

impl Id {
    fn first_at(place: usize) -> Id {
        Id(NonZeroU32::new(place as u32).unwrap_or(NonZeroU32::MIN))
    }

    const fn place(self) -> usize {
        (self.0.get() & ((1 << PLACE_BITS) - 1)) as usize
    }

    /// What comes at the same place after it.
    fn following(self) -> Id {
        let following = self.0.get().wrapping_add(1 << PLACE_BITS);
        Id(NonZeroU32::new(following).unwrap_or(self.0))
    }
}

/// A computation: a memo or an effect.
pub(super) trait Run {
    /// Computes, given the value before if there is one, and returns the value if it is another.
    fn run(&self, before: Option<&Kept>) -> Option<Value>;
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// An effect that shows something.
    Shows,
    /// An effect that does something once all is shown.
    Acts,
    Memo,
    /// A value that is given by a computation whenever it is read, and not kept.
    Derived,
    /// A value that is not followed.
    Fixed,
    /// A value, or an owner of what is made in it.
    Plain,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Clean,
    Unsure,
    Dirty,
}

struct Node {
    id: Id,
    kind: Kind,
    state: State,
    /// Counts up: what is contained comes after what contains it.
    born: u32,
    owner: Option<Id>,
    value: Option<Value>,
    run: Option<Rc<Box<dyn Run>>>,
    children: Vec<Id>,
    cleanups: Vec<Box<dyn FnOnce()>>,
    contexts: Vec<(TypeId, Value)>,
    sources: Vec<Id>,
    subscribers: Vec<Id>,
}

#[derive(Default)]
struct Graph {
    /// By place; what is free has an [`Id`] that no handle has yet.
    nodes: Vec<Result<Node, Id>>,
    /// Used again in the order in which they came free, so that a handle is not soon taken for another.
    free: VecDeque<Id>,
    born: u32,
    /// Effects to run, the last first.
    waiting: Vec<(Kind, u32, Id)>,
    is_running_soon: bool,
}

thread_local! {
    /// For as long as the page is there: what is in it may look here when it ends, so it is not taken down.
    static GRAPH: &'static RefCell<Graph> = Box::leak(Box::default());
    /// What is being made.
    static OWNER: Cell<Option<Id>> = const { Cell::new(None) };
    /// What follows that which is read.
    static OBSERVER: Cell<Option<Id>> = const { Cell::new(None) };
}

fn with_graph<U>(look: impl FnOnce(&mut Graph) -> U) -> U {
    GRAPH.with(|graph| look(&mut graph.borrow_mut()))
}

impl Graph {
    fn node(&mut self, id: Id) -> Option<&mut Node> {
        match self.nodes.get_mut(id.place()) {
            Some(Ok(node)) if node.id == id => Some(node),
            _ => None,
        }
    }

    fn add(&mut self, kind: Kind, owner: Option<Id>) -> Id {
        let id = if self.free.len() > REST {
            self.free.pop_front()
        } else {
            None
        };
        let id = id.unwrap_or_else(|| {
            if self.nodes.is_empty() {
                self.nodes.push(Err(Id::first_at(0)));
            }
            let id = Id::first_at(self.nodes.len());
            self.nodes.push(Err(id));
            id
        });
        self.born += 1;
        let owner = owner.filter(|owner| match self.node(*owner) {
            Some(node) => {
                node.children.push(id);
                true
            }
            None => false,
        });
        self.nodes[id.place()] = Ok(Node {
            id,
            kind,
            state: State::Clean,
            born: self.born,
            owner,
            value: None,
            run: None,
            children: Vec::new(),
            cleanups: Vec::new(),
            contexts: Vec::new(),
            sources: Vec::new(),
            subscribers: Vec::new(),
        });
        id
    }

    fn remove(&mut self, id: Id) -> Option<Node> {
        self.unsubscribe(id);
        self.node(id)?;
        let node = std::mem::replace(&mut self.nodes[id.place()], Err(id.following())).ok();
        self.free.push_back(id.following());
        node
    }

    fn unsubscribe(&mut self, id: Id) {
        let sources = self
            .node(id)
            .map(|node| std::mem::take(&mut node.sources))
            .unwrap_or_default();
        for source in sources {
            if let Some(source) = self.node(source)
                && let Some(place) = source.subscribers.iter().position(|one| *one == id)
            {
                source.subscribers.swap_remove(place);
            }
        }
    }

    /// Tells whoever read the node, through memos too.
    fn mark_subscribers(&mut self, id: Id, state: State) {
        let mut place = 0;
        while let Some(subscriber) = self
            .node(id)
            .and_then(|node| node.subscribers.get(place).copied())
        {
            place += 1;
            self.mark(subscriber, state);
        }
    }

    fn mark(&mut self, id: Id, state: State) {
        let Some(node) = self.node(id) else { return };
        let before = node.state;
        node.state = before.max(state);
        // What was marked before has told those after it, or waits already.
        if before != State::Clean {
            return;
        }
        match node.kind {
            Kind::Memo => self.mark_subscribers(id, State::Unsure),
            _ => self.wait(id),
        }
    }

    fn wait(&mut self, id: Id) {
        let Some(node) = self.node(id) else { return };
        let entry = (node.kind, node.born, id);
        let order = |one: &(Kind, u32, Id)| (one.0, one.1) > (entry.0, entry.1);
        let place = self.waiting.partition_point(order);
        self.waiting.insert(place, entry);
        if !self.is_running_soon {
            self.is_running_soon = true;
            super::task::soon(run_waiting);
        }
    }
}

/// Runs the effects that wait, and those that they cause.
pub(super) fn run_waiting() {
    loop {
        let next = with_graph(|graph| {
            let next = graph.waiting.pop();
            graph.is_running_soon = next.is_some();
            next
        });
        match next {
            Some((_, _, id)) => refresh(id),
            None => return,
        }
    }
}

/// What is being made becomes `owner`, and what follows becomes `observer`, while something is done.
fn within<U>(owner: Option<Id>, observer: Option<Id>, act: impl FnOnce() -> U) -> U {
    let before = (OWNER.replace(owner), OBSERVER.replace(observer));
    let result = act();
    OWNER.set(before.0);
    OBSERVER.set(before.1);
    result
}

/// Runs a computation if something that it read is another now.
fn refresh(id: Id) {
    let state = with_graph(|graph| graph.node(id).map(|node| node.state));
    if state == Some(State::Unsure) {
        let mut place = 0;
        loop {
            let next = with_graph(|graph| {
                let node = graph.node(id)?;
                // The memo before it was another: the rest is read anew.
                (node.state == State::Unsure).then(|| node.sources.get(place).copied())?
            });
            let Some(source) = next else { break };
            refresh(source);
            place += 1;
        }
    }
    let (run, before) = match with_graph(|graph| {
        let node = graph.node(id)?;
        let state = std::mem::replace(&mut node.state, State::Clean);
        let run = node.run.clone().filter(|_| state == State::Dirty)?;
        Some((run, node.value.clone()))
    }) {
        Some(found) => found,
        None => return,
    };
    clean(id);
    with_graph(|graph| graph.unsubscribe(id));
    let value = within(Some(id), Some(id), || run.run(before.as_deref()));
    if let Some(value) = value {
        let before = with_graph(|graph| {
            let before = graph.node(id).map(|node| node.value.replace(value));
            // Those that look are unsure already; now they know.
            graph.mark_subscribers(id, State::Dirty);
            before
        });
        drop(before);
    }
}

/// Ends what was made within a node: owners first, then what was to be done at the end, then the values.
fn clean(id: Id) {
    let (children, cleanups) = with_graph(|graph| {
        let (mut owners, mut values) = (Vec::new(), Vec::new());
        let node = graph.node(id);
        let (children, cleanups, contexts) = match node {
            Some(node) => (
                std::mem::take(&mut node.children),
                std::mem::take(&mut node.cleanups),
                std::mem::take(&mut node.contexts),
            ),
            None => return Default::default(),
        };
        for child in children {
            let is_value = graph.node(child).is_some_and(|node| match node.kind {
                Kind::Derived | Kind::Fixed => true,
                Kind::Plain => node.value.is_some(),
                _ => false,
            });
            if is_value { &mut values } else { &mut owners }.push(child);
        }
        ((owners, values, contexts), cleanups)
    });
    let (owners, values, contexts) = children;
    for child in owners {
        dispose(child);
    }
    for cleanup in cleanups {
        within(None, None, cleanup);
    }
    for child in values {
        dispose(child);
    }
    drop(contexts);
}

/// Ends a node and what was made within it.
pub(super) fn dispose(id: Id) {
    clean(id);
    let node = with_graph(|graph| {
        let node = graph.remove(id)?;
        let owner = node.owner.and_then(|owner| graph.node(owner));
        if let Some(owner) = owner
            && let Some(place) = owner.children.iter().rposition(|child| *child == id)
        {
            owner.children.remove(place);
        }
        Some(node)
    });
    // Only now: the end of a value may look here.
    drop(node);
}

/// A node with a value, for as long as what is being made.
pub(super) fn value(value: Value) -> Id {
    valued(Kind::Plain, OWNER.get(), value)
}

/// A node with a value that never changes.
pub(super) fn fixed(value: Value) -> Id {
    valued(Kind::Fixed, OWNER.get(), value)
}

/// A node with a value that nobody owns.
pub(super) fn free_value(value: Value) -> Id {
    valued(Kind::Plain, None, value)
}

fn valued(kind: Kind, owner: Option<Id>, value: Value) -> Id {
    with_graph(|graph| {
        let id = graph.add(kind, owner);
        if let Some(node) = graph.node(id) {
            node.value = Some(value);
        }
        id
    })
}

fn computation(kind: Kind, run: Box<dyn Run>) -> Id {
    with_graph(|graph| {
        let id = graph.add(kind, OWNER.get());
        if let Some(node) = graph.node(id) {
            node.run = Some(Rc::new(run));
            node.state = State::Dirty;
        }
        if kind == Kind::Acts {
            graph.wait(id);
        }
        id
    })
}

pub(super) fn memo(run: Box<dyn Run>) -> Id {
    computation(Kind::Memo, run)
}

/// A value that is computed whenever it is read: whoever reads it follows what the computation reads.
pub(super) fn derived(run: Box<dyn Run>) -> Id {
    computation(Kind::Derived, run)
}

/// An effect that runs now, and again whenever something changed that it read.
pub(super) fn shows(run: Box<dyn Run>) {
    refresh(computation(Kind::Shows, run));
}

/// An effect that runs once all is shown, and again whenever something changed that it read.
pub(super) fn acts(run: Box<dyn Run>) {
    computation(Kind::Acts, run);
}

/// The value of a node that is alive. That of a memo is computed first.
fn get(id: Id) -> Option<Value> {
    let (kind, state, run) = with_graph(|graph| {
        let node = graph.node(id)?;
        let run = node.run.clone().filter(|_| node.kind == Kind::Derived);
        Some((node.kind, node.state, run))
    })?;
    if let Some(run) = run {
        return run.run(None);
    }
    if kind == Kind::Memo && state != State::Clean {
        refresh(id);
    }
    with_graph(|graph| graph.node(id)?.value.clone())
}

/// The value of a node, unless the part of the page that made it is gone; what is being computed does not follow it.
#[inline(never)]
pub(super) fn try_peek(id: Id) -> Option<Value> {
    untrack(|| get(id))
}

/// The value of a node that is there.
#[inline(never)]
pub(super) fn peek(id: Id) -> Value {
    try_peek(id).unwrap_or_else(|| gone())
}

/// The value of a node that is there. What is being computed follows it: only now, because a memo that never was follows
/// nothing itself.
#[inline(never)]
pub(super) fn read(id: Id) -> Value {
    let value = get(id).unwrap_or_else(|| gone());
    track(id);
    value
}

/// Puts another value there and tells whoever follows it; says if there is no place for it any more.
#[inline(never)]
pub(super) fn set(id: Id, value: Value) -> bool {
    let is_gone = !is_alive(id);
    put_back(id, value);
    notify(id);
    is_gone
}

/// Takes the value of a node, to change it.
#[inline(never)]
pub(super) fn take(id: Id) -> Option<Value> {
    with_graph(|graph| graph.node(id)?.value.take())
}

#[inline(never)]
pub(super) fn put_back(id: Id, value: Value) {
    let left = with_graph(|graph| match graph.node(id) {
        Some(node) => node.value.replace(value),
        None => Some(value),
    });
    // Only now: the end of a value may look here.
    drop(left);
}

pub(super) fn is_alive(id: Id) -> bool {
    with_graph(|graph| graph.node(id).is_some())
}

/// Has what is being computed follow a node.
pub(super) fn track(id: Id) {
    let Some(observer) = OBSERVER.get() else { return };
    with_graph(|graph| {
        // What never changes need not be followed, nor what is computed again whenever it is read.
        if graph
            .node(id)
            .is_none_or(|node| matches!(node.kind, Kind::Fixed | Kind::Derived))
        {
            return;
        }
        let Some(node) = graph.node(observer) else { return };
        if node.sources.contains(&id) {
            return;
        }
        node.sources.push(id);
        if let Some(node) = graph.node(id) {
            node.subscribers.push(observer);
        }
    });
}

/// Tells whoever follows a node that it changed.
pub(super) fn notify(id: Id) {
    with_graph(|graph| graph.mark_subscribers(id, State::Dirty));
}

/// Does something without following what it reads.
pub(crate) fn untrack<U>(act: impl FnOnce() -> U) -> U {
    let before = observe(None);
    let result = act();
    observe(before);
    result
}

/// Once in the code, and not wherever something is not followed.
#[inline(never)]
fn observe(observer: Option<Id>) -> Option<Id> {
    OBSERVER.replace(observer)
}

/// Does something when what is being made goes.
pub(crate) fn on_cleanup(act: impl FnOnce() + 'static) {
    add_cleanup(Box::new(act));
}

fn add_cleanup(act: Box<dyn FnOnce()>) {
    with_graph(|graph| {
        if let Some(owner) = OWNER.get().and_then(|owner| graph.node(owner)) {
            owner.cleanups.push(act);
        }
    });
}

pub(super) fn provide(kind: TypeId, context: Value) {
    let before = with_graph(|graph| {
        let contexts = &mut graph.node(OWNER.get()?)?.contexts;
        match contexts.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, known)) => Some(std::mem::replace(known, context)),
            None => {
                contexts.push((kind, context));
                None
            }
        }
    });
    drop(before);
}

/// The nearest context of a type, from what is being made upwards.
pub(super) fn context(kind: TypeId) -> Option<Value> {
    with_graph(|graph| {
        let mut owner = OWNER.get();
        while let Some(node) = owner.and_then(|owner| graph.node(owner)) {
            if let Some((_, context)) = node.contexts.iter().find(|(known, _)| *known == kind) {
                return Some(Rc::clone(context));
            }
            owner = node.owner;
        }
        None
    })
}

/// What values, computations and other owners belong to, and end with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner(Id);

impl Owner {
    /// One that belongs to what is being made.
    pub(crate) fn new() -> Owner {
        Owner(with_graph(|graph| graph.add(Kind::Plain, OWNER.get())))
    }

    pub(crate) fn current() -> Option<Owner> {
        OWNER.get().map(Owner)
    }

    pub(crate) fn is_alive(self) -> bool {
        is_alive(self.0)
    }

    /// What is made now belongs to it.
    pub(crate) fn with<U>(self, make: impl FnOnce() -> U) -> U {
        let before = OWNER.replace(Some(self.0));
        let result = make();
        OWNER.set(before);
        result
    }

    pub(crate) fn child(self) -> Owner {
        self.with(Owner::new)
    }

    /// Ends all that belongs to it, and itself.
    pub(crate) fn dispose(self) {
        dispose(self.0);
    }
}
