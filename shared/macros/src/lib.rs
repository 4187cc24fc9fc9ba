//! `#[derive(Compact)]`: reads a type in the compact form, field after field, by `shared::compact`.
//!
//! What serde derives for the same has to stop at every field, and to drop what was read before; that was a twelfth of the
//! page. Here a mistake is remembered by the reader, which gives zeros from then on.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Data, DeriveInput, Fields};

/// Reads the fields in their order, and of an enum the number of the variant before them, as serde's derived code writes
/// them where a form knows no names.
#[proc_macro_derive(Compact)]
pub fn compact(item: TokenStream) -> TokenStream {
    expand(item.into())
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

fn expand(item: Tokens) -> syn::Result<Tokens> {
    let item: DeriveInput = syn::parse2(item)?;
    let name = &item.ident;
    let value = match &item.data {
        Data::Struct(data) => {
            let fields = fields(&data.fields);
            quote!(#name #fields)
        }
        Data::Enum(data) => {
            let count = data.variants.len() as u32;
            let variants: Vec<Tokens> = data
                .variants
                .iter()
                .map(|variant| {
                    let (variant, fields) = (&variant.ident, fields(&variant.fields));
                    quote!(#name::#variant #fields)
                })
                .collect();
            let Some((first, rest)) = variants.split_first() else {
                return Err(syn::Error::new_spanned(
                    name,
                    "there is nothing to read of no variant",
                ));
            };
            let numbers = 1..count;
            quote! {
                match reader.variant(#count) {
                    #(#numbers => #rest,)*
                    _ => #first,
                }
            }
        }
        Data::Union(_) => return Err(syn::Error::new_spanned(name, "a union cannot be read")),
    };
    Ok(quote! {
        #[automatically_derived]
        impl crate::compact::Compact for #name {
            fn read(reader: &mut crate::compact::Reader<'_>) -> Self {
                #value
            }
        }
    })
}

fn fields(fields: &Fields) -> Tokens {
    let read = quote!(crate::compact::Compact::read(reader));
    match fields {
        Fields::Named(named) => {
            let names = named.named.iter().map(|field| &field.ident);
            quote!({ #(#names: #read),* })
        }
        Fields::Unnamed(unnamed) => {
            let values = unnamed.unnamed.iter().map(|_| &read);
            quote!((#(#values),*))
        }
        Fields::Unit => Tokens::new(),
    }
}
