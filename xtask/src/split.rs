//! Cutting the release page into the modules that `frontend/src/module.rs` declares, which Trunk cannot do.
//!
//! Trunk leaves a page of one module in `dist/`. Here the linked WASM is cut by `wasm-split-cli`; wasm-bindgen makes the
//! loader for what remains, and wasm-opt makes every module small. The names carry a hash of all of them, because they
//! refer to each other.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use base64::Engine;
use sha2::{Digest, Sha256, Sha384};

use crate::arrange::arrange;
use crate::linked::refer_to_less;
use crate::process::{command, run, say};
use crate::shorten::shorten;
use crate::{page, setup, workspace};

/// Small above all, with what the browsers of the last years all have.
const WASM_OPT: [&str; 21] = [
    // A module calls functions of the other through small ones of its own: those with one caller go into it, and nothing else.
    "--inlining",
    "--one-caller-inline-max-function-size=10",
    "--always-inline-max-function-size=0",
    "--flexible-inline-max-function-size=0",
    // All expressions and branches are put together anew, the same everywhere.
    "--flatten",
    "--rereloop",
    "-Oz",
    // Again, for what the first time made possible.
    "-Oz",
    // What is computed twice is kept in a local by the first, functions that are called once disappear in their callers by the
    // second, and locals in other expressions by the third. All make a module smaller, and more so the one that is not
    // compressed: there is less that is alike.
    "--skip-pass=local-cse",
    "--skip-pass=inlining-optimizing",
    "--skip-pass=simplify-locals",
    "--strip-producers",
    "--strip-target-features",
    "--low-memory-unused",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];
const LOADER: &str = "frontend.js";
const MAIN: &str = "frontend_bg.wasm";
/// Loads the modules that are needed later. `wasm-split-cli` names it so.
const LINK: &str = "__wasm_split.js";

/// Replaces the one module of the page in `dist` by many.
pub(crate) fn split(dist: &Path) -> Result<()> {
    say("cutting the page into modules");
    let folder = workspace::target().join("split-page");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot remove what was cut before")?;
    }
    let whole = folder.with_extension("wasm");
    let linked = fs::read(page::linked()).context("there is no linked page")?;
    fs::write(&whole, refer_to_less(&linked)?)?;
    let tools = workspace::tools()?.join("bin");
    run(command(tools.join("wasm-split-cli"))
        .arg(&whole)
        .arg(&folder)
        .args(["--target", "web", "--out-name", "frontend"]))?;
    run(command(tools.join("wasm-bindgen"))
        .arg(folder.join("frontend.wasm"))
        .arg("--out-dir")
        .arg(&folder)
        .args(["--out-name", "frontend", "--target", "web", "--no-typescript"])
        // The other modules put their functions into the table of this one.
        .arg("--keep-lld-exports"))?;
    fs::remove_file(folder.join("frontend.wasm"))?;

    let mut files = BTreeMap::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = file_name(&path);
        if name.ends_with(".wasm") {
            run(command(setup::node::wasm_opt_bin().join("wasm-opt"))
                .args(WASM_OPT)
                .arg(&path)
                .arg("-o")
                .arg(&path))?;
            files.insert(name, arrange(&fs::read(&path)?)?);
        } else {
            files.insert(name, fs::read(&path)?);
        }
    }
    ensure!(
        [LOADER, MAIN, LINK].iter().all(|name| files.contains_key(*name)) && files.len() > 3,
        "the page was not cut; was it built with MUSTER_SPLIT_PAGE?"
    );
    let loader =
        String::from_utf8(files.remove(LOADER).unwrap_or_default()).context("the loader is not UTF-8")?;
    let (main, loader) = shorten(&files[MAIN], &loader)?;
    files.insert(MAIN.to_owned(), main);
    files.insert(LOADER.to_owned(), loader.into_bytes());
    publish(dist, files)
}

/// Puts the files into `dist` under names with a hash, and has `index.html` and each other name them so.
fn publish(dist: &Path, mut files: BTreeMap<String, Vec<u8>>) -> Result<()> {
    let mut whole = Sha256::new();
    for (name, content) in &files {
        whole.update(name);
        whole.update(content);
    }
    let hash: String = whole.finalize()[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let names: Vec<(String, String)> = files
        .keys()
        .map(|name| (name.clone(), hashed(name, &hash)))
        .collect();

    // What a script loads. In the loader the name of the link script is also what the WASM calls it: that one stays.
    for script in [LOADER, LINK] {
        let content = files.get_mut(script).context("a script is missing")?;
        let mut text = String::from_utf8(std::mem::take(content)).context("a script is not UTF-8")?;
        for (name, new) in &names {
            text = text.replace(&format!("from \"./{name}\""), &format!("from \"./{new}\""));
            text = text.replace(&format!("new URL(\"./{name}\""), &format!("new URL(\"./{new}\""));
            text = text.replace(&format!("new URL('{name}'"), &format!("new URL('{new}'"));
        }
        *content = text.into_bytes();
    }

    let index = dist.join("index.html");
    let mut html = fs::read_to_string(&index).context("Trunk left no index.html")?;
    for (ending, name) in [("_bg.wasm", MAIN), (".js", LOADER)] {
        let old = trunks(dist, ending)?;
        let before = fs::read(&old)?;
        html = html
            .replace(&file_name(&old), &hashed(name, &hash))
            .replace(&integrity(&before), &integrity(&files[name]));
        fs::remove_file(old)?;
    }
    let link = format!(
        "<link rel=modulepreload crossorigin href=/{} integrity={}></head>",
        hashed(LINK, &hash),
        integrity(&files[LINK])
    );
    html = html.replace("</head>", &link);
    ensure!(html.contains(&link), "index.html has no end of its head");
    for (name, new) in names {
        fs::write(dist.join(new), &files[&name])?;
    }
    fs::write(index, html).context("cannot write index.html")
}

/// The file that Trunk made of the frontend crate.
fn trunks(dist: &Path, ending: &str) -> Result<PathBuf> {
    let mut found = fs::read_dir(dist)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = file_name(path);
            name.starts_with("frontend-") && name.ends_with(ending)
        });
    let file = found
        .next()
        .with_context(|| format!("Trunk left no frontend-….{ending}"))?;
    ensure!(
        found.next().is_none(),
        "there is more than one frontend-…{ending} in {}",
        dist.display()
    );
    Ok(file)
}

/// The name with the hash in it: `split_pages.wasm` is `pages-0123456789abcdef.wasm`.
fn hashed(name: &str, hash: &str) -> String {
    match name {
        LOADER => format!("frontend-{hash}.js"),
        MAIN => format!("frontend-{hash}_bg.wasm"),
        LINK => format!("modules-{hash}.js"),
        module => {
            let stem = module.trim_end_matches(".wasm");
            format!("{}-{hash}.wasm", stem.trim_start_matches("split_"))
        }
    }
}

fn integrity(content: &[u8]) -> String {
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha384::digest(content));
    format!("sha384-{digest}")
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::{integrity, publish};

    #[test]
    fn the_files_name_each_other_with_their_hash() {
        let dist = tempfile::tempdir().unwrap();
        let (script, wasm) = ("old loader", "old wasm");
        fs::write(dist.path().join("frontend-00ff.js"), script).unwrap();
        fs::write(dist.path().join("frontend-00ff_bg.wasm"), wasm).unwrap();
        let html = format!(
            "<head>init('/frontend-00ff.js', '/frontend-00ff_bg.wasm') {} {}</head>",
            integrity(script.as_bytes()),
            integrity(wasm.as_bytes())
        );
        fs::write(dist.path().join("index.html"), html).unwrap();

        let loader = "import * as import1 from \"./__wasm_split.js\"\n\"./__wasm_split.js\": import1, new URL('frontend_bg.wasm', x)";
        let link = "import { initSync } from \"./frontend.js\"; fetch(new URL(\"./split_pages.wasm\", x))";
        let files: BTreeMap<String, Vec<u8>> = [
            ("frontend.js", loader),
            ("__wasm_split.js", link),
            ("frontend_bg.wasm", "main"),
            ("split_pages.wasm", "pages"),
        ]
        .map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()))
        .into();
        publish(dist.path(), files).unwrap();

        let mut names: Vec<String> = fs::read_dir(dist.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let hash = &names[0]["frontend-".len().."frontend-".len() + 16];
        assert_eq!(
            names,
            [
                format!("frontend-{hash}.js"),
                format!("frontend-{hash}_bg.wasm"),
                "index.html".to_owned(),
                format!("modules-{hash}.js"),
                format!("pages-{hash}.wasm"),
            ]
        );
        let read = |name: &str| fs::read_to_string(dist.path().join(name)).unwrap();
        let loader = read(&names[0]);
        assert_eq!(
            loader,
            format!(
                "import * as import1 from \"./modules-{hash}.js\"\n\"./__wasm_split.js\": import1, new URL('frontend-{hash}_bg.wasm', x)"
            )
        );
        assert_eq!(
            read(&names[3]),
            format!(
                "import {{ initSync }} from \"./frontend-{hash}.js\"; fetch(new URL(\"./pages-{hash}.wasm\", x))"
            )
        );
        let html = read("index.html");
        assert!(!html.contains("00ff"), "{html}");
        for content in [loader.as_bytes(), b"main"] {
            assert!(html.contains(&integrity(content)), "{html}");
        }
    }
}
