//! `cargo xtask fuzz`: runs the coverage-guided fuzz targets in `fuzz/`, each for a time. docs/FUZZING.md says what they check.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::process::{command, run, say};
use crate::setup::fuzz::cargo_fuzz;
use crate::workspace;

/// How long a target runs unless told otherwise.
const SECONDS: u32 = 600;

/// The target that takes the whole server to build; the others take a few crates.
const OF_THE_SERVER: &str = "server";

/// Runs one target, or all of them one after the other. The first finding ends the run as a failure; its input stays in
/// `fuzz/artifacts/`.
pub(crate) fn start(arguments: &[&str]) -> Result<()> {
    let known = targets()?;
    let mut wanted: Vec<&str> = Vec::new();
    let mut seconds = SECONDS;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match *word {
            "--list" => {
                known.iter().for_each(|target| println!("{target}"));
                return Ok(());
            }
            "--seconds" => {
                seconds = words
                    .next()
                    .and_then(|number| number.parse().ok())
                    .context("--seconds takes a whole number")?;
            }
            name if known.iter().any(|target| target == name) => wanted.push(name),
            other => bail!(
                "there is no fuzz target `{other}`; there are {}",
                known.join(", ")
            ),
        }
    }
    if wanted.is_empty() {
        wanted = known.iter().map(String::as_str).collect();
    }
    let program = cargo_fuzz()?;
    for target in wanted {
        say(&format!("fuzzing {target} for {seconds} s"));
        let folders = ["corpus", "seeds", "regressions"].map(|kind| format!("fuzz/{kind}/{target}"));
        for folder in &folders {
            fs::create_dir_all(workspace::root().join(folder))
                .with_context(|| format!("cannot make {folder}"))?;
        }
        // Sanitizers need a nightly compiler; there is no `unsafe` here for them to watch.
        let mut fuzz = command(&program);
        fuzz.args(["fuzz", "run", "--sanitizer", "none"]);
        if target == OF_THE_SERVER {
            fuzz.args(["--features", "server"]);
        }
        fuzz.arg(target).args(&folders);
        fuzz.arg("--").arg(format!("-max_total_time={seconds}")).args([
            "-print_final_stats=1",
            "-timeout=10",
            "-rss_limit_mb=2048",
        ]);
        fuzz.env_remove("CARGO_TARGET_DIR");
        run(&mut fuzz)?;
    }
    Ok(())
}

/// Every target, by its file.
fn targets() -> Result<Vec<String>> {
    let folder = workspace::root().join("fuzz/targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).context("cannot read fuzz/targets")? {
        let path = entry.context("cannot read fuzz/targets")?.path();
        if let Some(name) = path.file_stem() {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
