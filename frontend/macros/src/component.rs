//! What `#[component]` becomes: the function itself, with its attributes taken off its parameters, and a macro of the same name
//! that tells `view!` what the parameters are. An element of `view!` is then a call of the function and nothing else: there
//! are no props that would be put together first.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, FnArg, ItemFn, Pat, ReturnType, Token, Type};

/// How a parameter gets its argument.
#[derive(Default)]
struct How {
    /// Whether it may be left out.
    optional: bool,
    /// What it is then, if not what its type has as default.
    default: Option<Expr>,
    /// Whether the argument may be of another type that becomes that of the parameter.
    into: bool,
}

impl Parse for How {
    fn parse(input: ParseStream<'_>) -> syn::Result<How> {
        let mut how = How::default();
        while !input.is_empty() {
            let word: Ident = input.parse()?;
            match word.to_string().as_str() {
                "optional" => how.optional = true,
                "into" => how.into = true,
                "default" => {
                    input.parse::<Token![=]>()?;
                    how.optional = true;
                    how.default = Some(input.parse()?);
                }
                _ => {
                    return Err(syn::Error::new(
                        word.span(),
                        "`optional`, `into` or `default = …`",
                    ));
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(how)
    }
}

pub(crate) fn expand(function: TokenStream) -> syn::Result<TokenStream> {
    let mut function: ItemFn = syn::parse2(function)?;
    let mut parameters = Vec::new();
    for argument in &mut function.sig.inputs {
        let FnArg::Typed(argument) = argument else {
            return Err(syn::Error::new_spanned(argument, "a component has no self"));
        };
        let Pat::Ident(name) = &*argument.pat else {
            return Err(syn::Error::new_spanned(&argument.pat, "a prop has a name"));
        };
        let how = how(&argument.attrs)?;
        let wrapped = how.optional && how.default.is_none() && is_option(&argument.ty);
        parameters.push(parameter(&name.ident, &how, wrapped));
        argument.attrs.clear();
    }
    let name = &function.sig.ident;
    let table = format_ident!("__{name}");
    let visibility = &function.vis;
    let body = &function.block;
    let body = match &function.sig.output {
        ReturnType::Type(_, given) if !matches!(&**given, Type::ImplTrait(_)) => {
            quote!(move || -> #given #body)
        }
        _ => quote!(move || #body),
    };
    let attributes = &function.attrs;
    let mut signature = function.sig.clone();
    signature.output = syn::parse_quote!(-> crate::dom::View);
    Ok(quote! {
        #(#attributes)*
        #[allow(non_snake_case, clippy::too_many_arguments, clippy::needless_pass_by_value)]
        #visibility #signature {
            crate::dom::IntoView::into_view(crate::reactive::untrack(#body))
        }

        #[allow(unused_macros)]
        macro_rules! #table {
            ($($given:tt)*) => {
                ::frontend_macros::call! { [#(#parameters)*] $($given)* }
            };
        }
        #[allow(unused_imports)]
        #visibility use #table as #name;
    })
}

/// `{name}` of a parameter, followed by the words of [`call`].
fn parameter(name: &Ident, how: &How, wrapped: bool) -> TokenStream {
    let into = how.into.then(|| quote!(into));
    let wrapped = wrapped.then(|| quote!(wrapped));
    let default = match (&how.default, how.optional) {
        (Some(default), _) => Some(quote!((#default))),
        (None, true) => Some(quote!((::core::default::Default::default()))),
        (None, false) => None,
    };
    quote!({ #name #into #wrapped #default })
}

fn how(attributes: &[Attribute]) -> syn::Result<How> {
    let prop = attributes.iter().find(|one| one.path().is_ident("prop"));
    prop.map_or_else(|| Ok(How::default()), Attribute::parse_args)
}

fn is_option(kind: &Type) -> bool {
    matches!(kind, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

/// A parameter as [`component`](expand) writes it: its name, `into`, `wrapped` if an argument stands in `Some`, and what it
/// is without an argument, in brackets.
struct Parameter {
    name: Ident,
    into: bool,
    wrapped: bool,
    default: Option<TokenStream>,
}

impl Parse for Parameter {
    fn parse(input: ParseStream<'_>) -> syn::Result<Parameter> {
        let content;
        syn::braced!(content in input);
        let mut parameter = Parameter {
            name: content.parse()?,
            into: false,
            wrapped: false,
            default: None,
        };
        while !content.is_empty() {
            match content.parse()? {
                TokenTree::Ident(word) if word == "into" => parameter.into = true,
                TokenTree::Ident(word) if word == "wrapped" => parameter.wrapped = true,
                other => parameter.default = Some(other.into_token_stream()),
            }
        }
        Ok(parameter)
    }
}

/// What `view!` gives to a parameter.
struct Given {
    name: Ident,
    value: TokenStream,
    is_children: bool,
    /// Whether they read nothing.
    is_fixed: bool,
}

/// A call of a component: its parameters, its path, and `name (value)` of what it is given; `children {view}` last, or `children [view]` if
/// they read nothing.
pub(crate) struct Call {
    parameters: Vec<Parameter>,
    function: TokenStream,
    given: Vec<Given>,
}

impl Parse for Call {
    fn parse(input: ParseStream<'_>) -> syn::Result<Call> {
        let (listed, path);
        syn::bracketed!(listed in input);
        let mut parameters = Vec::new();
        while !listed.is_empty() {
            parameters.push(listed.parse()?);
        }
        syn::parenthesized!(path in input);
        let function = path.parse()?;
        let mut given = Vec::new();
        while !input.is_empty() {
            let name = input.parse()?;
            let value;
            let is_fixed = input.peek(syn::token::Bracket);
            let is_children = is_fixed || input.peek(syn::token::Brace);
            if is_fixed {
                syn::bracketed!(value in input);
            } else if is_children {
                syn::braced!(value in input);
            } else {
                syn::parenthesized!(value in input);
            }
            given.push(Given {
                name,
                value: value.parse()?,
                is_children,
                is_fixed,
            });
        }
        Ok(Call {
            parameters,
            function,
            given,
        })
    }
}

impl Call {
    pub(crate) fn expand(self) -> TokenStream {
        let Call {
            parameters,
            function,
            mut given,
        } = self;
        let mut wrong = Vec::new();
        let mut arguments = Vec::new();
        for parameter in &parameters {
            let place = given.iter().position(|given| given.name == parameter.name);
            match (place.map(|place| given.remove(place)), &parameter.default) {
                (Some(given), _) => arguments.push(parameter.argument(&given)),
                (None, Some(default)) => arguments.push(default.clone()),
                (None, None) => {
                    let why = format!("`{}` is missing", parameter.name);
                    wrong.push(syn::Error::new_spanned(&function, why));
                }
            }
        }
        for given in given {
            let why = format!("there is no prop `{}`, or it is there twice", given.name);
            wrong.push(syn::Error::new(given.name.span(), why));
        }
        if wrong.is_empty() {
            return quote!(#function(#(#arguments),*));
        }
        let wrong = wrong.iter().map(syn::Error::to_compile_error);
        quote!({ #(#wrong)* crate::dom::View::Empty })
    }
}

impl Parameter {
    fn argument(&self, given: &Given) -> TokenStream {
        let value = &given.value;
        let value = match (given.is_children, self.into) {
            (true, _) => {
                let fixed = given.is_fixed;
                quote!(crate::dom::ToChildren::to_children(move || #value, #fixed))
            }
            (false, true) => quote!(::core::convert::Into::into(#value)),
            (false, false) => quote!(#value),
        };
        if self.wrapped {
            quote!(::core::option::Option::Some(#value))
        } else {
            value
        }
    }
}
