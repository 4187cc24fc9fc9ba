//! Arranging a WASM module so that it compresses well. What it does stays the same.
//!
//! - Functions stand in the order of their types, and of one type in that of their code, so that those that begin alike are
//!   neighbours, and the list of all types is a few runs.
//! - The local with the place of a function's frame, which is used more than any other, has the same number in all functions.
//!
//! Together this takes 4 % off the module, compressed with brotli. wasm-opt does neither: it sorts functions by how often
//! they are called, and locals by how often they are used, which makes modules small that are not compressed.

use anyhow::{Context, Result, anyhow};
use std::convert::Infallible;
use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{CodeSection, Function, FunctionSection, Instruction, Module, ValType};
use wasmparser::{
    CodeSectionReader, FunctionBody, FunctionSectionReader, Operator, Parser, Payload, TypeRef,
};

/// The number of the local with the frame. Few functions have more parameters, which come first and cannot move.
const FRAME: u32 = 8;

/// Arranges a module.
pub(crate) fn arrange(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut arranger = Arranger::of(wasm)?;
    let mut module = Module::new();
    arranger
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|refused| told(&refused))?;
    Ok(module.finish())
}

/// Why something could not be written again.
type Refused = reencode::Error<Infallible>;

fn told(refused: &Refused) -> anyhow::Error {
    anyhow!("cannot arrange the module: {refused}")
}

#[derive(Default)]
struct Arranger {
    /// How many functions come from elsewhere; they are numbered first.
    imported: u32,
    /// The own functions in their new order, by their old number without the imported.
    order: Vec<usize>,
    /// The new number of each, likewise.
    place: Vec<u32>,
    /// How many parameters each has.
    parameters: Vec<u32>,
    /// Locals of the function that is being written.
    locals: Locals,
}

impl Arranger {
    /// Looks at all functions and finds their order.
    fn of(wasm: &[u8]) -> Result<Arranger> {
        let mut arranger = Arranger::default();
        let mut types = Vec::new();
        let mut heads = Vec::new();
        let mut bodies = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    for kind in section.into_iter_err_on_gc_types() {
                        types.push(u32::try_from(kind?.params().len())?);
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        arranger.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => {
                    for kind in section {
                        let kind = kind?;
                        let count = types.get(kind as usize).context("a function has no type")?;
                        arranger.parameters.push(*count);
                        heads.push(kind);
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let parameters = arranger.parameters.get(bodies.len()).copied();
                    let parameters = parameters.context("a function has a body and no head")?;
                    let body = arranger
                        .rewritten(&body, parameters)
                        .map_err(|refused| told(&refused))?;
                    bodies.push(body.into_raw_body());
                }
                _ => {}
            }
        }
        arranger.order = (0..bodies.len()).collect();
        arranger
            .order
            .sort_by_key(|function| (heads[*function], &bodies[*function]));
        arranger.place = vec![0; bodies.len()];
        for (new, old) in (0..).zip(&arranger.order) {
            arranger.place[*old] = new;
        }
        Ok(arranger)
    }

    /// A function with its locals and what it calls in their new numbers.
    fn rewritten(&mut self, body: &FunctionBody<'_>, parameters: u32) -> Result<Function, Refused> {
        let locals = Locals::of(body, parameters)?;
        let types = locals.types.iter().map(|kind| self.val_type(*kind));
        let types: Vec<ValType> = types.collect::<Result<_, _>>()?;
        self.locals = locals;
        let mut function = Function::new_with_locals_types(types);
        let mut code = body.get_operators_reader()?;
        while !code.eof() {
            function.instruction(&self.instruction(code.read()?)?);
        }
        Ok(function)
    }
}

impl Reencode for Arranger {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Refused> {
        let own = function.checked_sub(self.imported);
        // While the order is still to be found, they have their old numbers.
        let place = own.and_then(|own| self.place.get(own as usize));
        Ok(place.map_or(function, |place| self.imported + place))
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Refused> {
        let types: Vec<u32> = section.into_iter().collect::<Result<_, _>>()?;
        for old in &self.order {
            functions.function(types[*old]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Refused> {
        let bodies: Vec<FunctionBody<'_>> = section.into_iter().collect::<Result<_, _>>()?;
        for old in self.order.clone() {
            let function = self.rewritten(&bodies[old], self.parameters[old])?;
            code.function(&function);
        }
        Ok(())
    }

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<Instruction<'a>, Refused> {
        Ok(match utils::instruction(self, operator)? {
            Instruction::LocalGet(local) => Instruction::LocalGet(self.locals.number(local)),
            Instruction::LocalSet(local) => Instruction::LocalSet(self.locals.number(local)),
            Instruction::LocalTee(local) => Instruction::LocalTee(self.locals.number(local)),
            other => other,
        })
    }
}

/// The locals of a function: their types, without the parameters, and which is the frame.
#[derive(Debug, Default)]
struct Locals {
    types: Vec<wasmparser::ValType>,
    /// The local that becomes [`FRAME`], if one does.
    frame: Option<u32>,
}

impl Locals {
    fn of(body: &FunctionBody<'_>, parameters: u32) -> Result<Locals, wasmparser::BinaryReaderError> {
        let mut locals = Locals::default();
        for declared in body.get_locals_reader()? {
            let (count, kind) = declared?;
            locals.types.extend(std::iter::repeat_n(kind, count as usize));
        }
        let frame = frame(body)?.filter(|frame| *frame >= parameters && parameters <= FRAME);
        if let Some(frame) = frame {
            let kind = locals.types.remove((frame - parameters) as usize);
            let place = (FRAME - parameters) as usize;
            // Locals that nobody uses stand in between; they take no code.
            if locals.types.len() < place {
                locals.types.resize(place, wasmparser::ValType::I32);
            }
            locals.types.insert(place, kind);
        }
        locals.frame = frame;
        Ok(locals)
    }

    /// The new number of a local: those between the old and the new place of the frame move by one.
    const fn number(&self, local: u32) -> u32 {
        match self.frame {
            Some(frame) if local == frame => FRAME,
            Some(frame) if local > frame && local <= FRAME => local - 1,
            Some(frame) if local < frame && local >= FRAME => local + 1,
            _ => local,
        }
    }
}

/// The local that a function keeps the place of its frame in: what it also sets the stack pointer to.
fn frame(body: &FunctionBody<'_>) -> Result<Option<u32>, wasmparser::BinaryReaderError> {
    let mut set = None;
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::GlobalSet { .. } if set.is_some() => return Ok(set),
            Operator::LocalTee { local_index } => set = Some(local_index),
            _ => set = None,
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{ConstExpr, ExportKind, ExportSection, GlobalSection, GlobalType, TypeSection};

    /// Two functions: the first calls the second, which has a frame.
    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32], [ValType::I32]);
        let mut functions = FunctionSection::new();
        functions.function(0).function(0);
        let mut globals = GlobalSection::new();
        let stack = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        globals.global(stack, &ConstExpr::i32_const(1024));
        let mut exports = ExportSection::new();
        exports.export("calls", ExportKind::Func, 0);
        exports.export("has a frame", ExportKind::Func, 1);
        let mut calls = Function::new([]);
        calls.instructions().local_get(0).call(1).end();
        let mut framed = Function::new([(1, ValType::I64), (2, ValType::I32)]);
        framed
            .instructions()
            .global_get(0)
            .i32_const(16)
            .i32_sub()
            .local_tee(2)
            .global_set(0)
            .local_get(0)
            .local_set(3)
            .local_get(3)
            .local_get(2)
            .i32_add()
            .end();
        let mut code = CodeSection::new();
        code.function(&calls).function(&framed);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&globals);
        module.section(&exports).section(&code);
        module.finish()
    }

    /// What a module exports under a name, as text, instruction by instruction.
    fn exported(wasm: &[u8], name: &str) -> (Vec<(u32, String)>, Vec<String>) {
        let mut number = None;
        let mut bodies = Vec::new();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::ExportSection(exports) => {
                    let mut exports = exports.into_iter().map(Result::unwrap);
                    number = exports
                        .find(|export| export.name == name)
                        .map(|export| export.index);
                }
                Payload::CodeSectionEntry(body) => {
                    let locals = body.get_locals_reader().unwrap().into_iter().map(Result::unwrap);
                    let locals = locals.map(|(count, kind)| (count, kind.to_string())).collect();
                    let code = body.get_operators_reader().unwrap().into_iter();
                    let code = code.map(|operator| format!("{:?}", operator.unwrap())).collect();
                    bodies.push((locals, code));
                }
                _ => {}
            }
        }
        bodies.swap_remove(number.unwrap() as usize)
    }

    #[test]
    fn functions_are_sorted_and_still_called_by_who_called_them() {
        let arranged = arrange(&module()).unwrap();
        wasmparser::validate(&arranged).unwrap();
        let (_, calls) = exported(&arranged, "calls");
        // No local is declared in it, so that it stays the first.
        assert_eq!(calls[1], "Call { function_index: 1 }");
        assert_eq!(arrange(&arranged).unwrap(), arranged, "it is in order already");
    }

    #[test]
    fn the_frame_gets_its_number_and_the_others_make_room() {
        let arranged = arrange(&module()).unwrap();
        let (locals, code) = exported(&arranged, "has a frame");
        assert_eq!(locals[0], (1, "i64".to_owned()));
        assert_eq!(locals.iter().map(|(count, _)| count).sum::<u32>(), FRAME);
        let used: Vec<&str> = code
            .iter()
            .filter(|operator| operator.starts_with("Local"))
            .map(String::as_str)
            .collect();
        assert_eq!(
            used,
            [
                "LocalTee { local_index: 8 }",
                "LocalGet { local_index: 0 }",
                "LocalSet { local_index: 2 }",
                "LocalGet { local_index: 2 }",
                "LocalGet { local_index: 8 }",
            ]
        );
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(arrange(b"no module").is_err());
    }
}
