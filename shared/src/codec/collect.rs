//! The rules that hold for the values of every format, and the order they are handed out in.

use super::coerce::coerce;
use super::{CHOSEN_BY_CLIENT, Context, DecodeError, MAX_ENTRIES, Refusal};
use crate::sort::sort_by_key;
use crate::{Entry, Node, Path, Value};

/// Gathers the values of one payload and checks each against the request and the models.
pub(super) struct Collector<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) base: Path,
    entries: Vec<Entry>,
    /// The values form a history or a list of changes: their order counts and a path may come again.
    ordered: bool,
}

impl<'a> Collector<'a> {
    pub(super) fn new(base: Path, context: &'a Context<'a>) -> Collector<'a> {
        Collector {
            context,
            base,
            entries: Vec::new(),
            ordered: false,
        }
    }

    /// For a list of changes that are to be applied in order.
    pub(super) fn ordered(base: Path, context: &'a Context<'a>) -> Collector<'a> {
        Collector {
            ordered: true,
            ..Collector::new(base, context)
        }
    }

    /// Adds a value that its format gives without a type of its own.
    pub(super) fn push(&mut self, path: Path, time: Option<f64>, value: Value) -> Result<(), Refusal> {
        let value = match self.context.resource_type(path) {
            Some(known) => coerce(value, known.data_type)
                .map_err(|found| DecodeError::mistyped(path, known.data_type, found))?,
            None => value,
        };
        self.push_typed(path, time, value)
    }

    /// Adds a value that already has the type of its resource.
    pub(super) fn push_typed(&mut self, path: Path, time: Option<f64>, value: Value) -> Result<(), Refusal> {
        let least = if value == Value::None { 2 } else { 3 };
        if path.depth() < least {
            return Err(DecodeError::NoValueHere { path }.into());
        }
        self.check_place(path)?;
        if self.entries.len() == MAX_ENTRIES {
            return Err(DecodeError::TooMany.into());
        }
        self.ordered |= time.is_some();
        self.entries.push(Entry { path, time, value });
        Ok(())
    }

    /// Whether the request can be about this path.
    pub(super) fn check_place(&self, path: Path) -> Result<(), Refusal> {
        let base = self.base;
        let free_instance = base.depth() == 2 && base.instance_id() == Some(CHOSEN_BY_CLIENT);
        let inside = if free_instance {
            base.truncated(1).contains(&path)
        } else {
            base.contains(&path)
        };
        if !inside {
            return Err(DecodeError::Outside { path, base }.into());
        }
        let reserved = path
            .ids()
            .iter()
            .enumerate()
            .any(|(level, id)| *id == u16::MAX && !(free_instance && level == 1));
        if reserved {
            return Err(DecodeError::Reserved { path }.into());
        }
        Ok(())
    }

    /// As [`Collector::check_place`], for a path at which more paths follow.
    pub(super) fn check_place_or_above(&self, path: Path) -> Result<(), Refusal> {
        if path.depth() < self.base.depth() && path.contains(&self.base) {
            return Ok(());
        }
        self.check_place(path)
    }

    /// The values as a node: sorted by path, unless they are a history. No path comes twice without a time, or
    /// has a value and others below it.
    pub(super) fn finish(mut self) -> Result<Node, Refusal> {
        if self.entries.is_empty() && matches!(self.base.depth(), 2 | 3) {
            self.entries.push(Entry {
                path: self.base,
                time: None,
                value: Value::None,
            });
        }
        if !self.ordered {
            sort_by_key(&mut self.entries, |entry| entry.path);
            let twice = self
                .entries
                .windows(2)
                .find(|pair| matches!(pair, [a, b] if a.path.contains(&b.path)));
            if let Some([entry, ..]) = twice {
                return Err(DecodeError::Duplicate { path: entry.path }.into());
            }
        }
        Ok(Node {
            base: self.base,
            entries: self.entries,
        })
    }
}
