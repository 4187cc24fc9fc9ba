//! `view!` and `#[component]` of the page. They read what Leptos' own read, and write calls of `frontend/src/dom`, which
//! exists once, where Leptos' would have a type and code of its own for every element, closure and component.

mod component;
mod view;

use proc_macro::TokenStream;

/// Markup as Leptos has it: elements with attributes, `class:`, `style:`, `prop:`, `on:` and `node_ref`, components, texts in
/// quotes, and anything that becomes a view in braces.
#[proc_macro]
pub fn view(markup: TokenStream) -> TokenStream {
    view::expand(markup.into()).into()
}

/// A function that `view!` can use as an element, with its parameters as attributes. `#[prop(…)]` on a parameter: `optional`
/// may be left out (and of an `Option` what is in it is given), `default = …` is that then, `into` may be given as anything
/// that becomes its type. What its body reads is not followed by what surrounds it.
#[proc_macro_attribute]
pub fn component(_arguments: TokenStream, function: TokenStream) -> TokenStream {
    let expanded = component::expand(function.into());
    expanded.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// What the macro of a component calls; only `view!` writes it.
#[doc(hidden)]
#[proc_macro]
pub fn call(call: TokenStream) -> TokenStream {
    syn::parse_macro_input!(call as component::Call).expand().into()
}
