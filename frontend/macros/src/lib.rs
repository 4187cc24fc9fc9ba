//! `view!` and `#[component]` of the page. They read what Leptos' own read, and write calls of `frontend/src/dom`, which
//! exists once, where Leptos' would have a type and code of its own for every element and closure.

mod view;

use proc_macro::TokenStream;

/// Markup as Leptos has it: elements with attributes, `class:`, `style:`, `prop:`, `on:` and `node_ref`, components, texts in
/// quotes, and anything that becomes a view in braces.
#[proc_macro]
pub fn view(markup: TokenStream) -> TokenStream {
    view::expand(markup.into()).into()
}

/// A function that `view!` can use as an element, with its parameters as attributes: Leptos' own macro, without the
/// wrapper that it puts around every view.
#[proc_macro_attribute]
pub fn component(_arguments: TokenStream, function: TokenStream) -> TokenStream {
    let function = proc_macro2::TokenStream::from(function);
    quote::quote!(#[::leptos::component(transparent)] #function).into()
}
