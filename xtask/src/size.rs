//! `cargo xtask check-size`: what the page costs a browser, and what must not get into it.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::process::{cargo, command, output, say};
use crate::{page, workspace};

/// The WASM alone, gzip. It may only shrink: the aim is 300 kB, see docs/DECISIONS/page-size.md.
const WASM_BUDGET: u64 = 325_000;
/// All files of the first load as the server sends them, brotli.
const FIRST_LOAD_BUDGET: u64 = 297_000;

/// Crates that are of no use in a browser and cost a lot there.
const NOT_IN_THE_PAGE: [&str; 5] = ["tokio", "ring", "openssl", "regex", "roxmltree"];

/// Sizes of every file under a folder, as JSON. Node has both compressions built in, and fast.
const MEASURE: &str = r"
const fs = require('fs'), path = require('path'), zlib = require('zlib');
const root = process.argv[1];
const files = fs.readdirSync(root, { recursive: true }).filter(name => !name.startsWith('.') && fs.statSync(path.join(root, name)).isFile());
console.log(JSON.stringify(files.map(name => {
  const bytes = fs.readFileSync(path.join(root, name));
  const brotli = zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  return { name, raw: bytes.length, gzip: zlib.gzipSync(bytes, { level: 9 }).length, brotli: brotli.length };
})));
";

/// Builds the page for release and checks it.
pub(crate) fn check_size() -> Result<()> {
    page::release()?;
    check_files()?;
    check_dependencies()
}

/// Holds the files in `dist/` to the budget.
pub(crate) fn check_files() -> Result<()> {
    let report = output(
        command("node")
            .args(["-e", MEASURE])
            .arg(workspace::release_page()),
    )?;
    let files: Vec<Value> = serde_json::from_str(&report).context("the sizes are not JSON")?;
    let size = |file: &Value, kind: &str| file[kind].as_u64().unwrap_or(0);
    for file in &files {
        let name = file["name"].as_str().unwrap_or_default();
        println!(
            "  {:>9} raw {:>9} gzip {:>9} brotli  {name}",
            size(file, "raw"),
            size(file, "gzip"),
            size(file, "brotli")
        );
    }

    let wasm: u64 = files
        .iter()
        .filter(|file| file["name"].as_str().is_some_and(|name| name.ends_with(".wasm")))
        .map(|file| size(file, "gzip"))
        .sum();
    let first_load: u64 = files.iter().map(|file| size(file, "brotli")).sum();
    say(&format!(
        "WASM {wasm} bytes gzip of {WASM_BUDGET}; first load {first_load} bytes brotli of {FIRST_LOAD_BUDGET}"
    ));
    ensure!(
        wasm > 0,
        "there is no WASM in {}",
        workspace::release_page().display()
    );
    ensure!(wasm <= WASM_BUDGET, "the WASM is over its budget");
    ensure!(
        first_load < FIRST_LOAD_BUDGET,
        "the first load is over its budget"
    );
    Ok(())
}

/// Checks that nothing heavy came into the page through a shared crate.
pub(crate) fn check_dependencies() -> Result<()> {
    let tree = output(cargo().args([
        "tree",
        "--locked",
        "--package",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "--edges",
        "normal",
        "--prefix",
        "none",
        // It names regex for the server side of Leptos; nothing of that is called in a page, and the linker drops it.
        "--prune",
        "leptos_config",
    ]))?;
    for line in tree.lines() {
        let name = line.split(' ').next().unwrap_or_default();
        let banned = NOT_IN_THE_PAGE.iter().any(|banned| {
            name == *banned
                || name
                    .strip_prefix(banned)
                    .is_some_and(|rest| rest.starts_with('-'))
        });
        if banned {
            bail!(
                "{name} is in the page; see `cargo tree -p frontend --target wasm32-unknown-unknown -i {name}`"
            );
        }
    }
    Ok(())
}
