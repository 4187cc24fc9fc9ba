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

/// What the browser calls the events that tell more than that something happened.
const EVENTS: [(&str, &[&str]); 5] = [
    ("MouseEvent", &["click", "mousedown"]),
    ("KeyboardEvent", &["keydown"]),
    ("SubmitEvent", &["submit"]),
    ("DragEvent", &["dragleave", "dragover", "drop"]),
    (
        "PointerEvent",
        &[
            "pointerdown",
            "pointerenter",
            "pointerleave",
            "pointermove",
            "pointerup",
        ],
    ),
];

/// The script of a view (`frontend/src/dom/template.rs` says what its steps are), and the calls that fill its holes.
#[derive(Default)]
struct Script {
    steps: String,
    calls: Vec<TokenStream>,
    /// Names of components that the script does itself: they are used for whoever imports them.
    named: Vec<TokenStream>,
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
            let mut script = Script::default();
            script.step("F", "");
            many.iter().for_each(|node| script.node(node));
            script.into_view()
        }
    }
}

fn node_to_view(node: &Node) -> TokenStream {
    match node {
        Node::Element(element) if is_component(element) && drawing(element).is_none() => component(element),
        Node::Element(element) => {
            let mut script = Script::default();
            script.element(element);
            script.into_view()
        }
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

fn is_component(element: &NodeElement<rstml::Infallible>) -> bool {
    element
        .name()
        .to_string()
        .rsplit("::")
        .next()
        .is_some_and(|name| name.starts_with(char::is_uppercase))
}

/// The name of an `Icon` that never changes: it is drawn by the script.
fn drawing(element: &NodeElement<rstml::Infallible>) -> Option<String> {
    match element.attributes() {
        [NodeAttribute::Attribute(name)]
            if element.name().to_string() == "Icon" && name.key.to_string() == "name" =>
        {
            literal(name)
        }
        _ => None,
    }
}

impl Script {
    fn into_view(self) -> TokenStream {
        let Script { steps, calls, named } = self;
        if calls.is_empty() {
            return quote!({
                #(let _ = #named;)*
                crate::dom::Template::whole(#steps)
            });
        }
        quote! {{
            #(let _ = #named;)*
            let mut __view = crate::dom::Template::new(#steps);
            #(__view #calls;)*
            __view.done()
        }}
    }

    fn step(&mut self, letter: &str, text: &str) {
        self.steps.push_str(letter);
        self.steps.push_str(text);
        self.steps.push('\0');
    }

    /// A hole, and the call that fills it.
    fn hole(&mut self, letter: &str, name: &str, call: TokenStream) {
        self.step(letter, name);
        self.calls.push(call);
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Text(text) => match text.value.value() {
                text if text.contains('\0') => self.wrong(node, "a zero byte cannot be shown"),
                text => self.step("t", &text),
            },
            Node::Element(element) if !is_component(element) || drawing(element).is_some() => {
                self.element(element);
            }
            Node::Fragment(fragment) => fragment.children.iter().for_each(|node| self.node(node)),
            Node::Block(block) => self.hole("_", "", quote!(.child(#block))),
            other => {
                let view = node_to_view(other);
                self.hole("_", "", quote!(.child(#view)));
            }
        }
    }

    fn wrong(&mut self, at: &impl Spanned, why: &str) {
        let error = syn::Error::new(at.span(), why).to_compile_error();
        self.calls.push(quote!(.child(#error)));
    }

    /// What is known when the page is built comes first, then the other attributes, the children, and last the properties,
    /// because the value of a list depends on its choices.
    fn element(&mut self, element: &NodeElement<rstml::Infallible>) {
        if let Some(name) = drawing(element) {
            let component = element.name();
            self.named.push(quote!(#component));
            return self.step("i", &name);
        }
        let tag = element.name().to_string();
        self.step(if SVG.contains(&tag.as_str()) { "s" } else { "h" }, &tag);
        let mut changing = Vec::new();
        for attribute in element.attributes() {
            match attribute {
                NodeAttribute::Attribute(attribute) => match fixed(attribute) {
                    Some((name, text)) => self.step("a", &format!("{name}={text}")),
                    None => changing.push(attribute),
                },
                NodeAttribute::Block(block) => self.wrong(block, "an attribute needs a name"),
            }
        }
        let (last, first): (Vec<_>, Vec<_>) = changing
            .into_iter()
            .partition(|attribute| attribute.key.to_string().starts_with("prop:"));
        first.into_iter().for_each(|attribute| self.attribute(attribute));
        element.children.iter().for_each(|node| self.node(node));
        last.into_iter().for_each(|attribute| self.attribute(attribute));
        self.step("/", "");
    }

    fn attribute(&mut self, attribute: &KeyedAttribute) {
        let key = attribute.key.to_string();
        let value = value(attribute);
        let (kind, name) = key.split_once(':').unwrap_or(("attr", &key));
        match kind {
            "on" => {
                let typed = EVENTS.iter().find(|(_, names)| names.contains(&name));
                let event = format_ident!("{}", typed.map_or("Event", |(event, _)| *event));
                self.hole("E", name, quote!(.on::<::web_sys::#event>(#value)));
            }
            "class" => self.hole("C", name, quote!(.set(#value))),
            "style" => self.hole("S", name, quote!(.set(#value))),
            "prop" => self.hole("P", name, quote!(.prop(#value))),
            "attr" if name == "node_ref" => self.hole("_", "", quote!(.node_ref(#value))),
            "attr" => self.hole("A", name, quote!(.set(#value))),
            _ => self.wrong(&attribute.key, "not known to this view!"),
        }
    }
}

/// Name and text of an attribute that never changes.
fn fixed(attribute: &KeyedAttribute) -> Option<(String, String)> {
    let text = literal(attribute)?;
    let key = attribute.key.to_string();
    let name = key.strip_prefix("attr:").unwrap_or(&key);
    (!name.contains(':') && name != "node_ref" && !text.contains('\0')).then(|| (name.to_owned(), text))
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
            quote!(#prop (#value))
        }
        NodeAttribute::Block(NodeBlock::ValidBlock(block)) => {
            syn::Error::new(block.span(), "a prop needs a name").to_compile_error()
        }
        NodeAttribute::Block(_) => TokenStream::new(),
    });
    let children = (!element.children.is_empty()).then(|| {
        let view = nodes_to_view(&element.children);
        if element.children.iter().all(|node| matches!(node, Node::Text(_))) {
            quote!(children [#view])
        } else {
            quote!(children { #view })
        }
    });
    quote!(#name! { (#name) #(#props)* #children })
}
