//! What is left to take out of the main module once wasm-bindgen made its loader: long names, and exports that nobody calls.
//!
//! wasm-bindgen names each function that the module imports by what it does and a hash, which is not to be compressed; both
//! sides can as well call it by a letter or two. And `wasm-streams`, which comes with Leptos' server functions, exports
//! classes that this page makes no use of; what is exported is kept with all that it calls.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};

const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;
/// What the loader calls itself where the module imports from it.
const LOADER: &str = "./frontend_bg.js";
/// How the names of the exports begin that nobody calls.
const UNUSED: [&str; 2] = ["intounderlying", "__wbg_intounderlying"];

/// Gives the imports short names, in the module and in its loader, and takes out the exports that are not used.
pub(crate) fn shorten(wasm: &[u8], loader: &str) -> Result<(Vec<u8>, String)> {
    let mut names = HashMap::new();
    let mut short = wasm.get(..8).context("this is no WASM")?.to_vec();
    let mut rest = Bytes(&wasm[8..]);
    while !rest.0.is_empty() {
        let kind = rest.byte()?;
        let length = rest.number()?;
        let content = rest.take(length)?;
        let content = match kind {
            IMPORTS => imports(content, &mut names)?,
            EXPORTS => exports(content)?,
            _ => content.to_vec(),
        };
        short.push(kind);
        write_number(&mut short, content.len());
        short.extend(content);
    }
    ensure!(!names.is_empty(), "the module imports nothing from its loader");
    Ok((short, rename(loader, &names)))
}

fn imports(content: &[u8], names: &mut HashMap<String, String>) -> Result<Vec<u8>> {
    let mut bytes = Bytes(content);
    let count = bytes.number()?;
    let mut short = Vec::new();
    write_number(&mut short, count);
    for _ in 0..count {
        let module = bytes.text()?;
        let name = bytes.text()?;
        write_text(&mut short, module);
        if module == LOADER {
            let next = letters(names.len());
            write_text(&mut short, names.entry(name.to_owned()).or_insert(next));
        } else {
            write_text(&mut short, name);
        }
        let before = bytes.0;
        bytes.skip_kind_of_import()?;
        short.extend(&before[..before.len() - bytes.0.len()]);
    }
    Ok(short)
}

fn exports(content: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Bytes(content);
    let mut kept = Vec::new();
    let mut count = 0;
    for _ in 0..bytes.number()? {
        let name = bytes.text()?;
        let (kind, index) = (bytes.byte()?, bytes.number()?);
        if !UNUSED.iter().any(|unused| name.starts_with(unused)) {
            write_text(&mut kept, name);
            kept.push(kind);
            write_number(&mut kept, index);
            count += 1;
        }
    }
    let mut short = Vec::new();
    write_number(&mut short, count);
    short.extend(kept);
    Ok(short)
}

/// `a`, `b` … `z`, `aa` and so on.
fn letters(number: usize) -> String {
    let last = char::from(b'a' + (number % 26) as u8);
    match number / 26 {
        0 => last.into(),
        more => letters(more - 1) + &last.to_string(),
    }
}

/// Replaces whole words of a script.
fn rename(script: &str, names: &HashMap<String, String>) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$';
    let mut renamed = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|letter| !is_part(letter)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        renamed.push_str(before);
        renamed.push_str(names.get(word).map_or(word, String::as_str));
        rest = after;
    }
    renamed + rest
}

fn write_number(to: &mut Vec<u8>, mut number: usize) {
    while number > 0x7f {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn write_text(to: &mut Vec<u8>, text: &str) {
    write_number(to, text.len());
    to.extend(text.bytes());
}

/// Reads the binary format of WASM. WebAssembly Core Specification, 5.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn byte(&mut self) -> Result<u8> {
        let (byte, rest) = self.0.split_first().context("the module ends early")?;
        self.0 = rest;
        Ok(*byte)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count).context("the module ends early")?;
        self.0 = rest;
        Ok(bytes)
    }

    fn number(&mut self) -> Result<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        bail!("a number in the module has no end")
    }

    fn text(&mut self) -> Result<&'a str> {
        let length = self.number()?;
        std::str::from_utf8(self.take(length)?).context("a name in the module is not UTF-8")
    }

    fn skip_kind_of_import(&mut self) -> Result<()> {
        match self.byte()? {
            // A function, or an exception's tag.
            0 => drop(self.number()?),
            1 => {
                self.byte()?;
                self.skip_limits()?;
            }
            2 => self.skip_limits()?,
            3 => drop(self.take(2)?),
            other => bail!("an import of an unknown kind, {other}"),
        }
        Ok(())
    }

    fn skip_limits(&mut self) -> Result<()> {
        let has_most = self.byte()? & 1 == 1;
        self.number()?;
        if has_most {
            self.number()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, letters, shorten};

    /// A module that imports two functions and exports two.
    fn module(imports: [&str; 2], exports: &[&str]) -> Vec<u8> {
        let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
        let mut import = vec![2];
        for name in imports {
            import.extend([text("./frontend_bg.js"), text(name), vec![0, 0]].concat());
        }
        let mut export = vec![exports.len() as u8];
        for name in exports {
            export.extend([text(name), vec![0, 1]].concat());
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        for (kind, content) in [(2, import), (7, export)] {
            module.extend([vec![kind, content.len() as u8], content].concat());
        }
        module
    }

    #[test]
    fn both_sides_call_an_import_by_its_short_name_and_unused_exports_go() {
        let long = module(
            ["__wbg_set_00", "__wbg_set_0"],
            &["main", "intounderlyingsink_write"],
        );
        let loader = "x = { __wbg_set_0: f, __wbg_set_00: function() {}, \"./frontend_bg.js\": __wbg_set };";
        let (short, renamed) = shorten(&long, loader).unwrap();
        assert_eq!(short, module(["a", "b"], &["main"]));
        assert_eq!(
            renamed,
            "x = { b: f, a: function() {}, \"./frontend_bg.js\": __wbg_set };"
        );
    }

    #[test]
    fn names_differ() {
        let mut names: Vec<String> = (0..2000).map(letters).collect();
        assert_eq!(names[..2], ["a", "b"]);
        assert_eq!(names[26], "aa");
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 2000);
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        let whole = module(["f", "g"], &["main"]);
        for end in 0..whole.len() - 1 {
            // Only at the end of a section a shorter module is one.
            assert!(shorten(&whole[..end], "").is_err() || end >= 8, "{end}");
        }
        assert!(Bytes(&[0x80; 9]).number().is_err());
    }
}
