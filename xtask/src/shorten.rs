//! Short names for what the main module imports from its loader.
//!
//! wasm-bindgen names each of its three hundred functions by what it does and a hash. Nobody reads them, and hashes do not
//! compress: a letter or two in the module and in the loader are 4 kB less of each.

use anyhow::{Result, anyhow, ensure};
use std::collections::BTreeMap;
use std::convert::Infallible;
use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{ImportSection, Module};
use wasmparser::{Import, Imports, Parser, Payload};

/// What the main module calls its loader.
const LOADER: &str = "./frontend_bg.js";

/// Gives short names to what `wasm` imports from `loader`, in both.
pub(crate) fn shorten(wasm: &[u8], loader: &str) -> Result<(Vec<u8>, String)> {
    let mut names = Names::default();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ImportSection(imports) = payload? {
            for import in imports.into_imports() {
                let import = import?;
                if import.module == LOADER {
                    let short = letters(names.short.len());
                    names.short.insert(import.name.to_owned(), short);
                }
            }
        }
    }
    let mut loader = loader.to_owned();
    for (name, short) in &names.short {
        let (long, new) = (format!(" {name}: function("), format!(" {short}: function("));
        ensure!(
            loader.matches(&long).count() == 1,
            "the loader does not have one function {name}"
        );
        loader = loader.replace(&long, &new);
    }
    let mut module = Module::new();
    names
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|refused| anyhow!("cannot rename the imports: {refused}"))?;
    Ok((module.finish(), loader))
}

/// `a` to `z`, then `aa` and so on.
fn letters(mut number: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'a' + (number % 26) as u8);
        if number < 26 {
            break;
        }
        number = number / 26 - 1;
    }
    letters.into_iter().rev().map(char::from).collect()
}

/// Short names by long ones.
#[derive(Default)]
struct Names {
    short: BTreeMap<String, String>,
}

impl Reencode for Names {
    type Error = Infallible;

    fn parse_imports(
        &mut self,
        section: &mut ImportSection,
        imports: Imports<'_>,
    ) -> Result<(), reencode::Error<Infallible>> {
        let short = match &imports {
            Imports::Single(_, import) if import.module == LOADER => self.short.get(import.name).cloned(),
            _ => None,
        };
        match (imports, &short) {
            (Imports::Single(at, import), Some(name)) => {
                utils::parse_imports(self, section, Imports::Single(at, Import { name, ..import }))
            }
            (imports, _) => utils::parse_imports(self, section, imports),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{EntityType, TypeSection};

    /// A module that imports two functions of the loader and one of elsewhere.
    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import(LOADER, "__wbg_alert_01", EntityType::Function(0));
        imports.import("elsewhere", "__wbg_alert_01", EntityType::Function(0));
        imports.import(LOADER, "__wbg_log_02", EntityType::Function(0));
        let mut module = Module::new();
        module.section(&types).section(&imports);
        module.finish()
    }

    fn imported(wasm: &[u8]) -> Vec<(String, String)> {
        let sections = Parser::new(0).parse_all(wasm).map(Result::unwrap);
        let imports = sections.filter_map(|payload| match payload {
            Payload::ImportSection(imports) => Some(imports),
            _ => None,
        });
        imports
            .flat_map(|imports| imports.into_imports().map(Result::unwrap))
            .map(|import| (import.module.to_owned(), import.name.to_owned()))
            .collect()
    }

    #[test]
    fn module_and_loader_agree_on_the_short_names() {
        let loader = "{ __wbg_alert_01: function() {}, __wbg_log_02: function(text) {} }";
        let (wasm, loader) = shorten(&module(), loader).unwrap();
        assert_eq!(loader, "{ a: function() {}, b: function(text) {} }");
        let names = [(LOADER, "a"), ("elsewhere", "__wbg_alert_01"), (LOADER, "b")];
        assert_eq!(
            imported(&wasm),
            names.map(|(module, name)| (module.to_owned(), name.to_owned()))
        );
    }

    #[test]
    fn a_loader_without_the_function_is_refused() {
        let error = shorten(&module(), "{ __wbg_alert_01: function() {} }").unwrap_err();
        assert!(error.to_string().contains("__wbg_log_02"), "{error}");
    }

    #[test]
    fn there_are_letters_for_all() {
        assert_eq!(
            [0, 25, 26, 27, 701, 702].map(letters),
            ["a", "z", "aa", "ab", "zz", "aaa"]
        );
    }
}
