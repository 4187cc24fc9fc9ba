//! What the linker left of the page, made to refer to less: its relocations, by which `wasm-split-cli` tells what each module
//! needs, and writes it, are pointed elsewhere. The rest is not touched; what nothing refers to any more is left out.
//!
//! - The place in the source that a panic names is the same for all. Its words stay, and the browser's stack says where it was
//!   to whoever builds the page again; the page's hook does not tell the place. Three hundred places were as many numbers in
//!   calls that differ in nothing else.
//! - A text in `{:?}` is the text itself. The quotes and escapes of the standard library bring tables of all letters that can be
//!   printed, and only its own panics tell them: what a person reads has `shared::quoted`.

use anyhow::{Result, ensure};
use rustc_demangle::demangle;
use std::collections::{BTreeMap, HashMap};
use wasm_encoder::{CustomSection, Encode, Module, RawSection};
use wasmparser::{
    DefinedDataSymbol, KnownCustom, Linking, Parser, Payload, RelocAddendKind, RelocationEntry,
    RelocationType, SymbolInfo,
};

/// Functions of the standard library, and those that are called instead.
const CALLED_INSTEAD: [(&str, &str); 2] = [
    (
        "<alloc::string::String as core::fmt::Debug>::fmt",
        "<alloc::string::String as core::fmt::Display>::fmt",
    ),
    (
        "<char as core::fmt::Debug>::fmt",
        "<char as core::fmt::Display>::fmt",
    ),
];

/// How large a `core::panic::Location` is in 32 bits: a text of a file's name, a line and a column.
const PLACE: u32 = 16;

/// Points the relocations of a linked module elsewhere.
pub(crate) fn refer_to_less(wasm: &[u8]) -> Result<Vec<u8>> {
    let symbols = Symbols::of(wasm)?;
    let mut instead = symbols.called_instead();
    instead.extend(symbols.one_place());
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let Payload::CustomSection(section) = &payload
            && let KnownCustom::Reloc(relocations) = section.as_known()
        {
            let mut data = Vec::new();
            relocations.section_index().encode(&mut data);
            relocations.entries().count().encode(&mut data);
            for entry in relocations.entries() {
                let mut entry = entry?;
                entry.index = *instead.get(&entry.index).unwrap_or(&entry.index);
                encode(&entry, &mut data);
            }
            module.section(&CustomSection {
                name: section.name().into(),
                data: data.into(),
            });
        } else if let Some((id, range)) = payload.as_section() {
            module.section(&RawSection {
                id,
                data: &wasm[range.start as usize..range.end as usize],
            });
        }
    }
    Ok(module.finish())
}

fn encode(entry: &RelocationEntry, data: &mut Vec<u8>) {
    data.push(entry.ty as u8);
    entry.offset.encode(data);
    entry.index.encode(data);
    match entry.ty.addend_kind() {
        RelocAddendKind::None => {}
        RelocAddendKind::Addend32 | RelocAddendKind::Addend64 => entry.addend.encode(data),
    }
}

/// What a module has names for, in the order in which relocations number it.
struct Symbols<'a> {
    all: Vec<SymbolInfo<'a>>,
    segments: Vec<Segment<'a>>,
    /// What stands in the data at an offset of its section, once all is placed.
    references: BTreeMap<u32, RelocationEntry>,
}

struct Segment<'a> {
    /// Where it begins in the section of the data.
    start: u32,
    bytes: &'a [u8],
}

impl<'a> Symbols<'a> {
    fn of(wasm: &'a [u8]) -> Result<Symbols<'a>> {
        let mut symbols = Symbols {
            all: Vec::new(),
            segments: Vec::new(),
            references: BTreeMap::new(),
        };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::DataSection(section) => {
                    let start = section.range().start;
                    for segment in section {
                        let segment = segment?;
                        symbols.segments.push(Segment {
                            start: (segment.range.end - start) as u32 - segment.data.len() as u32,
                            bytes: segment.data,
                        });
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(linking) => {
                        for part in linking.subsections() {
                            if let Linking::SymbolTable(table) = part? {
                                symbols.all = table.into_iter().collect::<Result<_, _>>()?;
                            }
                        }
                    }
                    KnownCustom::Reloc(relocations) if section.name() == "reloc.DATA" => {
                        for entry in relocations.entries() {
                            let entry = entry?;
                            symbols.references.insert(entry.offset, entry);
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        ensure!(
            !symbols.all.is_empty(),
            "the linked page has no symbols; was it built with MUSTER_SPLIT_PAGE?"
        );
        Ok(symbols)
    }

    /// Which symbols stand for those of [`CALLED_INSTEAD`].
    fn called_instead(&self) -> HashMap<u32, u32> {
        let mut functions: HashMap<String, Vec<u32>> = HashMap::new();
        for (number, symbol) in (0..).zip(&self.all) {
            if let SymbolInfo::Func { name: Some(name), .. } = symbol {
                // The compiler numbers copies of a function: `….551`.
                let name = name.split_once('.').map_or(*name, |(name, _)| name);
                let name = format!("{:#}", demangle(name));
                functions.entry(name).or_default().push(number);
            }
        }
        let numbers = |name: &str| functions.get(name).map_or(&[][..], Vec::as_slice);
        CALLED_INSTEAD
            .iter()
            .filter_map(|(never, instead)| Some((numbers(never), *numbers(instead).first()?)))
            .flat_map(|(never, instead)| never.iter().map(move |never| (*never, instead)))
            .collect()
    }

    /// The first place in the source for every other.
    fn one_place(&self) -> HashMap<u32, u32> {
        let mut places = (0..).zip(&self.all).filter_map(|(number, symbol)| match symbol {
            SymbolInfo::Data {
                symbol: Some(data), ..
            } if self.is_place(data) => Some(number),
            _ => None,
        });
        let first = places.next();
        places.filter_map(|place| Some((place, first?))).collect()
    }

    /// Whether it is the name of a file of Rust with a line and a column.
    fn is_place(&self, data: &DefinedDataSymbol) -> bool {
        let Some(segment) = self.segments.get(data.index as usize) else {
            return false;
        };
        let start = segment.start + data.offset;
        let mut references = self.references.range(start..start + data.size);
        let (Some((at, file)), None) = (references.next(), references.next()) else {
            return false;
        };
        let length = segment.number(data.offset + 4);
        data.size == PLACE
            && *at == start
            && file.ty == RelocationType::MemoryAddrI32
            && length.is_some_and(|length| self.is_rust_file(file, length))
    }

    fn is_rust_file(&self, text: &RelocationEntry, length: u32) -> bool {
        let Some(SymbolInfo::Data {
            symbol: Some(data), ..
        }) = self.all.get(text.index as usize)
        else {
            return false;
        };
        let start = i64::from(data.offset) + text.addend;
        self.segments
            .get(data.index as usize)
            .and_then(|segment| segment.bytes.get(start as usize..)?.get(..length as usize))
            .is_some_and(|name| name.ends_with(b".rs"))
    }
}

impl Segment<'_> {
    fn number(&self, offset: u32) -> Option<u32> {
        let bytes = self.bytes.get(offset as usize..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        text.encode(&mut bytes);
        bytes
    }

    fn numbers(numbers: &[u32]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in numbers {
            number.encode(&mut bytes);
        }
        bytes
    }

    /// Of the functions 0 to 2, and data with the name of a file, two places in it, and what only looks like one.
    fn linked() -> Vec<u8> {
        let place = |line: u8, length: u8| [0, 0, 0, 0, length, 0, 0, 0, line, 0, 0, 0, 5, 0, 0, 0];
        let data = [&b"src/a.rs"[..], &place(3, 8), &place(4, 8), &place(5, 3)].concat();
        let mut section = numbers(&[1, 0]);
        section.extend([0x41, 0, 0x0b]);
        data.as_slice().encode(&mut section);
        let start = (section.len() - data.len()) as u32;

        let function = |number: u32, symbol: &str| [numbers(&[0, 0, number]), name(symbol)].concat();
        let datum =
            |offset: u32, size: u32| [numbers(&[1, 0]), name("d"), numbers(&[0, offset, size])].concat();
        let table = [
            numbers(&[7]),
            function(
                0,
                "_RNvXsr_NtCs5cOc02OMXlo_5alloc6stringNtB5_6StringNtNtCsgXGp5Oqx2Ny_4core3fmt5Debug3fmt.551",
            ),
            function(
                1,
                "_RNvXsq_NtCs5cOc02OMXlo_5alloc6stringNtB5_6StringNtNtCsgXGp5Oqx2Ny_4core3fmt7Display3fmt",
            ),
            function(2, "main"),
            datum(0, 8),
            datum(8, 16),
            datum(24, 16),
            datum(40, 16),
        ]
        .concat();
        let linking = [numbers(&[2, 8, table.len() as u32]), table].concat();
        let file = |at: u32| [vec![5], numbers(&[start + at, 3, 0])].concat();
        let of_data = [numbers(&[11, 3]), file(8), file(24), file(40)].concat();
        let of_code = [
            numbers(&[10, 5]),
            // A call and an address of a function, and three addresses of data.
            numbers(&[0, 1, 0, 1, 9, 2]),
            numbers(&[4, 20, 4, 0, 4, 30, 5, 0, 4, 40, 6, 0]),
        ]
        .concat();

        let mut module = Module::new();
        module.section(&RawSection {
            id: 11,
            data: &section,
        });
        for (name, data) in [
            ("linking", linking),
            ("reloc.CODE", of_code),
            ("reloc.DATA", of_data),
        ] {
            module.section(&CustomSection {
                name: name.into(),
                data: data.into(),
            });
        }
        module.finish()
    }

    fn relocations(wasm: &[u8]) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            if let Payload::CustomSection(section) = payload.unwrap()
                && let KnownCustom::Reloc(relocations) = section.as_known()
            {
                found.extend(
                    relocations
                        .entries()
                        .into_iter()
                        .map(|entry| entry.unwrap())
                        .map(|entry| (entry.offset, entry.index)),
                );
            }
        }
        found
    }

    #[test]
    fn places_are_one_and_texts_are_themselves() {
        let before = relocations(&linked());
        assert_eq!(before[..5], [(1, 0), (9, 2), (20, 4), (30, 5), (40, 6)]);
        let after = relocations(&refer_to_less(&linked()).unwrap());
        // The function is another; of three pieces of data the second is a place like the first, and the third none.
        assert_eq!(after[..5], [(1, 1), (9, 2), (20, 4), (30, 4), (40, 6)]);
        assert_eq!(after[5..], before[5..]);
    }

    #[test]
    fn a_module_without_symbols_is_refused() {
        assert!(refer_to_less(&Module::new().finish()).is_err());
    }
}
