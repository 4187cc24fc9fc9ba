//! What `view!` becomes: a script that says what there is, and values for its holes, in order.
//!
//! A page has thousands of elements and attributes, most of which never change. As calls each would be 20 to 40 bytes of code;
//! in a script it is the bytes of its name. One step is a letter and what belongs to it, ended by a zero byte:
//!
//! | step | what it does |
//! |---|---|
//! | `F` | begins with several nodes side by side |
//! | `hNAME`, `sNAME` | opens an element of HTML or of SVG in the one that is open |
//! | `aNAME=TEXT` | sets an attribute of the open element |
//! | `tTEXT` | adds a text |
//! | `iNAME` | adds the drawing of that name, as `Icon` does |
//! | `/` | closes the open element |
//! | `ANAME`, `CNAME`, `SNAME` | a hole for the value of an attribute, for whether a class is there, for a property of the style |
//! | `PNAME`, `ENAME` | a hole for a property of the node, for the handler of an event |
//! | `_` | a hole for a child or a `node_ref` |

use super::attribute::{Attribute, Property};
use super::call::{Give, Handle};
use super::element::{append, listen};
use super::window::document;
use super::{IntoView, NodeRef, View, attribute, dynamic};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, Node};

const SVG: &str = "http://www.w3.org/2000/svg";

/// A view that is being put together. The browser refuses nothing of what is done here: names are those of the markup, and a
/// node is put only into one that was made for it.
#[derive(Debug)]
pub(crate) struct Template {
    /// What of the script is still to be done.
    rest: &'static str,
    /// The open element; once the last is closed, what was made.
    open: Option<Node>,
}

impl Template {
    /// In a box, because a page that passes it on has one number to keep then and not a place for all of it.
    #[inline(never)]
    pub(crate) fn new(script: &'static str) -> Box<Template> {
        Box::new(Template {
            rest: script,
            open: None,
        })
    }

    /// A view without holes.
    #[inline(never)]
    pub(crate) fn whole(script: &'static str) -> View {
        Template::new(script).done()
    }

    #[inline(never)]
    #[expect(clippy::boxed_local, reason = "one number to pass on")]
    pub(crate) fn done(mut self: Box<Self>) -> View {
        self.advance();
        self.open.take().map_or(View::Empty, View::of_node)
    }

    /// Does what comes before the next hole, and returns that.
    fn advance(&mut self) -> &'static str {
        while let Some((step, rest)) = self.rest.split_once('\0') {
            self.rest = rest;
            let (letter, text) = step.split_at(1);
            match letter {
                "F" => self.open = Some(document().create_document_fragment().into()),
                "h" => self.open(document().create_element(text)),
                "s" => self.open(document().create_element_ns(Some(SVG), text)),
                "a" => {
                    let (name, value) = text.split_once('=').unwrap_or((text, ""));
                    drop(self.element().set_attribute(name, value));
                }
                "t" => self.append(document().create_text_node(text).into()),
                "i" => self.append(icon(text)),
                "/" => {
                    if let Some(above) = self.open.as_ref().and_then(Node::parent_node) {
                        self.open = Some(above);
                    }
                }
                _ => return step,
            }
        }
        ""
    }

    fn open(&mut self, made: Result<Element, JsValue>) {
        // A tag that is no name would be a mistake in the markup; the unchecked cast leaves it to the browser to say so.
        let element: Node = made.unwrap_or_else(JsCast::unchecked_into).into();
        self.append(element.clone());
        self.open = Some(element);
    }

    fn append(&mut self, node: Node) {
        match &self.open {
            Some(open) => append(open, &node),
            None => self.open = Some(node),
        }
    }

    /// The open element. A script has a hole of an element only inside of one.
    fn element(&self) -> &Element {
        match &self.open {
            Some(open) => open.unchecked_ref(),
            None => unreachable!("the markup has an attribute outside of an element"),
        }
    }

    /// Fills the next hole with the value of an attribute, a class or a style.
    pub(crate) fn set(&mut self, value: impl Attribute) {
        value.set_on(self);
    }

    /// A value that never changes.
    #[inline(never)]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "one number to pass on, dropped in one place"
    )]
    pub(super) fn fix(&mut self, text: JsValue) {
        let hole = self.advance();
        if !text.is_undefined() {
            attribute::set(self.element(), hole, &text);
        }
    }

    #[inline(never)]
    pub(super) fn follow(&mut self, value: Box<dyn Give<JsValue>>) {
        let hole = self.advance();
        attribute::follow(self.element(), hole, value);
    }

    /// Fills the next hole with a property of the node, such as the value of an input, which is not the attribute of that name.
    pub(crate) fn prop(&mut self, value: impl Property) {
        value.set_on(self);
    }

    #[inline(never)]
    pub(super) fn follow_property(&mut self, value: Box<dyn Give<JsValue>>) {
        let hole = self.advance();
        attribute::follow_property(self.element(), &hole[1..], value);
    }

    /// Fills the next hole with the handler of an event; `E` is what the browser calls such an event.
    pub(crate) fn on<E: JsCast>(&mut self, mut handler: impl FnMut(E) + 'static) {
        self.listen(Box::new(move |event: Event| handler(event.unchecked_into())));
    }

    #[inline(never)]
    fn listen(&mut self, handler: Box<dyn Handle>) {
        let hole = self.advance();
        listen(self.element(), &hole[1..], handler);
    }

    pub(crate) fn node_ref<T: JsCast>(&mut self, node: NodeRef<T>) {
        self.advance();
        node.load(self.element());
    }

    pub(crate) fn child(&mut self, child: impl IntoView) {
        child.put_into(self);
    }

    #[inline(never)]
    pub(super) fn put(&mut self, view: View) {
        self.advance();
        if let Some(node) = view.into_node() {
            self.append(node);
        }
    }

    /// A closure that gives the child, again whenever something changes that it reads.
    #[inline(never)]
    pub(super) fn dynamic(&mut self, make: Box<dyn Give<View>>) {
        self.put(dynamic::dynamic(make));
    }
}

/// A drawing of `public/icons.svg`.
fn icon(name: &str) -> Node {
    let make = |tag: &str, name: &str, value: &str| -> Node {
        // Refused for no tag and no name that stands here.
        let made: Element = document()
            .create_element_ns(Some(SVG), tag)
            .unwrap_or_else(JsCast::unchecked_into);
        drop(made.set_attribute(name, value));
        made.into()
    };
    let drawing = make("svg", "class", "icon");
    drop(
        drawing
            .unchecked_ref::<Element>()
            .set_attribute("aria-hidden", "true"),
    );
    append(&drawing, &make("use", "href", &format!("/icons.svg#{name}")));
    drawing
}
