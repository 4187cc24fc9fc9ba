//! What is provided for everything below.

/// What [`leptos::prelude::provide_context`] provided further up. Leptos' own tells the name of the type when there is none;
/// the names of all types are a lot to load for a mistake that the first look at the page shows.
pub(crate) fn expect_context<T: Clone + 'static>() -> T {
    leptos::prelude::use_context().unwrap_or_else(|| missing())
}

#[cold]
fn missing() -> ! {
    panic!("a context was asked for that nothing above provides")
}
