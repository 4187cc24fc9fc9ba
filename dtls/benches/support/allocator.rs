//! An allocator that counts the bytes in use, with what an allocator adds to each block.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

pub(crate) struct Counting;

static ON: AtomicBool = AtomicBool::new(false);
static IN_USE: AtomicUsize = AtomicUsize::new(0);

/// From now on everything counts. Blocks from before make no difference between two looks at [`in_use`] as long as they live.
pub(crate) fn count() {
    ON.store(true, Ordering::Relaxed);
}

/// The bytes in use. Only differences mean something.
pub(crate) fn in_use() -> usize {
    IN_USE.load(Ordering::Relaxed)
}

/// What a block takes of the heap: eight bytes more for its length, in steps of sixteen.
fn cost(layout: Layout) -> usize {
    (layout.size() + 8).next_multiple_of(16).max(32)
}

// SAFETY: everything is left to the system's allocator; only a number is kept beside.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if ON.load(Ordering::Relaxed) {
            IN_USE.fetch_add(cost(layout), Ordering::Relaxed);
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if ON.load(Ordering::Relaxed) {
            IN_USE.fetch_sub(cost(layout), Ordering::Relaxed);
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}
