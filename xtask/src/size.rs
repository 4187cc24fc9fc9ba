//! `cargo xtask check-size`: what the page costs a browser, and what must not get into it.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::process::{cargo, command, output, say};
use crate::{page, workspace};

/// The WASM of the first load, gzip. docs/DECISIONS/page-size.md has what it was and how it came down.
const FIRST_WASM_BUDGET: u64 = 300_000;
/// All files of the first load as the server sends them, brotli: what `index.html` names, and it.
const FIRST_LOAD_BUDGET: u64 = 297_000;
/// The WASM of all modules together, brotli.
const ALL_WASM_BUDGET: u64 = 300_000;

/// Crates that are of no use in a browser and cost a lot there.
const NOT_IN_THE_PAGE: [&str; 5] = ["tokio", "ring", "openssl", "regex", "roxmltree"];

/// Code of the standard library that brings kilobytes of code or tables, by what its functions are called, and what does the
/// same with less. One call brings it all.
const NOT_IN_ITS_CODE: [(&str, &str); 6] = [
    ("dec2flt", "str::parse::<f64>; shared::float::parse"),
    ("flt2dec", "a float in format!; shared::float::text"),
    (
        "unicode_data11conversions",
        "str::to_lowercase and the like; words::lower, to_ascii_uppercase",
    ),
    (
        "unicode_data10alphabetic",
        "char::is_alphanumeric; is_ascii_alphanumeric",
    ),
    (
        "StrSearcher",
        "str::find, contains and the like with a text or a char; shared::text",
    ),
    ("udivti3", "division of u128; f64"),
];

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
    check_code()?;
    check_dependencies()
}

/// Checks that no code with large tables came into the page. The linked page has the names of its functions.
pub(crate) fn check_code() -> Result<()> {
    let linked = page::linked();
    let code = std::fs::read(&linked).with_context(|| format!("cannot read {}", linked.display()))?;
    for (function, meant) in NOT_IN_ITS_CODE {
        let found = code
            .windows(function.len())
            .any(|bytes| bytes == function.as_bytes());
        ensure!(!found, "{function} is in the page ({meant})");
    }
    Ok(())
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

    let index = std::fs::read_to_string(workspace::release_page().join("index.html"))
        .context("the page has no index.html")?;
    let sum = |kind: &str, counts: &dyn Fn(&str) -> bool| -> u64 {
        files
            .iter()
            .filter(|file| file["name"].as_str().is_some_and(counts))
            .map(|file| size(file, kind))
            .sum()
    };
    let is_wasm = |name: &str| name.ends_with(".wasm");
    // The icons are named by the application alone, which always shows some.
    let is_first =
        |name: &str| name == "index.html" || name == "icons.svg" || index.contains(&format!("/{name}"));
    let figures = [
        (
            "WASM of the first load, gzip",
            sum("gzip", &|name| is_wasm(name) && is_first(name)),
            FIRST_WASM_BUDGET,
        ),
        (
            "all of the first load, brotli",
            sum("brotli", &is_first),
            FIRST_LOAD_BUDGET,
        ),
        (
            "WASM of all modules, brotli",
            sum("brotli", &is_wasm),
            ALL_WASM_BUDGET,
        ),
    ];
    for (what, bytes, budget) in figures {
        say(&format!("{what}: {bytes} bytes of {budget}"));
    }
    for (what, bytes, budget) in figures {
        ensure!(
            bytes > 0,
            "there is nothing of this in {}: {what}",
            workspace::release_page().display()
        );
        ensure!(bytes <= budget, "over its budget: {what}");
    }
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
