//! What `view!` becomes.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use rstml::node::{
    KeyedAttribute, KeyedAttributeValue, Node, NodeAttribute, NodeBlock, NodeElement, NodeName,
};
use syn::Expr;
use syn::spanned::Spanned;

/// Elements of SVG, which are made in a namespace of their own.
const SVG: [&str; 9] = [
    "svg", "use", "g", "line", "path", "circle", "rect", "polyline", "polygon",
];

/// Events that Leptos does not know by name.
const UNTYPED_EVENTS: [&str; 1] = ["cancel"];

/// An attribute whose value is known when the page is built goes into a table; the others are set one by one.
#[derive(Default)]
struct Parts {
    table: Vec<TokenStream>,
    calls: Vec<TokenStream>,
    /// After the children, because the value of a list depends on its choices.
    last: Vec<TokenStream>,
}

pub(crate) fn expand(markup: TokenStream) -> TokenStream {
    let parser = rstml::Parser::new(rstml::ParserConfig::default().recover_block(true));
    let (nodes, errors) = parser.parse_recoverable(markup).split_vec();
    let errors = errors.into_iter().map(|error| error.emit_as_expr_tokens());
    let view = nodes_to_view(&nodes);
    quote! {{
        #(#errors;)*
        #[allow(unused_braces, unused_parens)]
        { #view }
    }}
}

fn nodes_to_view(nodes: &[Node]) -> TokenStream {
    match nodes {
        [] => quote!(crate::dom::View::Empty),
        [one] => node_to_view(one),
        many => {
            let children = many.iter().map(child);
            quote! {{
                let __fragment = crate::dom::Fragment::new();
                #(__fragment #children;)*
                __fragment.into_view()
            }}
        }
    }
}

fn node_to_view(node: &Node) -> TokenStream {
    match node {
        Node::Element(element) if is_component(element) => component(element),
        Node::Element(element) => native(element),
        Node::Text(text) => {
            let text = &text.value;
            quote!(crate::dom::IntoView::into_view(#text))
        }
        Node::Block(block) => quote!(crate::dom::IntoView::into_view(#block)),
        Node::Fragment(fragment) => nodes_to_view(&fragment.children),
        Node::Comment(_) => quote!(crate::dom::View::Empty),
        other => syn::Error::new(other.span(), "not known to this view!").to_compile_error(),
    }
}

/// The call that puts a node into its parent.
fn child(node: &Node) -> TokenStream {
    match node {
        Node::Text(text) => {
            let text = &text.value;
            quote!(.text(#text))
        }
        Node::Block(block) => quote!(.child(#block)),
        other => {
            let view = node_to_view(other);
            quote!(.child(#view))
        }
    }
}

fn is_component(element: &NodeElement<rstml::Infallible>) -> bool {
    element
        .name()
        .to_string()
        .rsplit("::")
        .next()
        .is_some_and(|name| name.starts_with(char::is_uppercase))
}

fn native(element: &NodeElement<rstml::Infallible>) -> TokenStream {
    let tag = element.name().to_string();
    let make = if SVG.contains(&tag.as_str()) {
        format_ident!("svg")
    } else {
        format_ident!("html")
    };
    let mut parts = Parts::default();
    for attribute in element.attributes() {
        match attribute {
            NodeAttribute::Attribute(attribute) => parts.add(attribute),
            NodeAttribute::Block(block) => parts
                .calls
                .push(syn::Error::new(block.span(), "an attribute needs a name").to_compile_error()),
        }
    }
    let Parts { table, calls, last } = parts;
    let children = element.children.iter().map(child);
    quote! {{
        let __element = crate::dom::Element::#make(#tag, &[#(#table),*]);
        #(__element #calls;)*
        #(__element #children;)*
        #(__element #last;)*
        __element.into_view()
    }}
}

impl Parts {
    fn add(&mut self, attribute: &KeyedAttribute) {
        let key = attribute.key.to_string();
        if let Some(text) = literal(attribute) {
            let name = key.strip_prefix("attr:").unwrap_or(&key);
            if !name.contains(':') && name != "node_ref" {
                self.table.push(quote!((#name, #text)));
                return;
            }
        }
        let value = value(attribute);
        let (kind, name) = key.split_once(':').unwrap_or(("attr", &key));
        match kind {
            "on" => {
                let event = format_ident!("{name}", span = attribute.key.span());
                self.calls.push(if UNTYPED_EVENTS.contains(&name) {
                    quote!(.on_event(#name, #value))
                } else {
                    quote!(.on(&::leptos::ev::#event, #value))
                });
            }
            "class" => self.calls.push(quote!(.class(#name, #value))),
            "style" => self.calls.push(quote!(.style(#name, #value))),
            "prop" => self.last.push(quote!(.prop(#name, #value))),
            "attr" if name == "node_ref" => self.calls.push(quote!(.node_ref(#value))),
            "attr" => self.calls.push(quote!(.attr(#name, #value))),
            _ => self
                .calls
                .push(syn::Error::new(attribute.key.span(), "not known to this view!").to_compile_error()),
        }
    }
}

/// The text of an attribute that never changes; an attribute without a value is there and empty.
fn literal(attribute: &KeyedAttribute) -> Option<String> {
    match (&attribute.possible_value, attribute.value()) {
        (KeyedAttributeValue::None, _) => Some(String::new()),
        (_, Some(Expr::Lit(literal))) => match &literal.lit {
            syn::Lit::Str(text) => Some(text.value()),
            syn::Lit::Bool(flag) if flag.value => Some(String::new()),
            _ => None,
        },
        _ => None,
    }
}

fn value(attribute: &KeyedAttribute) -> TokenStream {
    match (&attribute.possible_value, attribute.value()) {
        (KeyedAttributeValue::None, _) => quote!(true),
        (_, Some(value)) => quote!(#value),
        _ => syn::Error::new(attribute.key.span(), "not a value").to_compile_error(),
    }
}

fn component(element: &NodeElement<rstml::Infallible>) -> TokenStream {
    let NodeName::Path(name) = element.name() else {
        return syn::Error::new(element.name().span(), "not a component").to_compile_error();
    };
    let props = element.attributes().iter().map(|attribute| match attribute {
        NodeAttribute::Attribute(attribute) => {
            let prop = format_ident!("{}", attribute.key.to_string(), span = attribute.key.span());
            let value = value(attribute);
            quote!(.#prop(#value))
        }
        NodeAttribute::Block(NodeBlock::ValidBlock(block)) => {
            syn::Error::new(block.span(), "a prop needs a name").to_compile_error()
        }
        NodeAttribute::Block(_) => TokenStream::new(),
    });
    let children = (!element.children.is_empty()).then(|| {
        let view = nodes_to_view(&element.children);
        quote!(.children(crate::dom::ToChildren::to_children(move || #view)))
    });
    quote! {
        crate::dom::component(&#name, ::leptos::component::component_props_builder(&#name) #(#props)* #children .build())
    }
}
