//! `cargo xtask test`: everything that can be checked, as steps that are timed and counted.

pub(crate) mod browser;
mod page;
mod report;
mod rust;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

use self::report::{Outcome, Report};
use crate::process::say;
use crate::{setup, size};

/// One step of the run.
#[derive(Clone, Copy)]
struct Step {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<Outcome>,
}

/// In order: what is quick to fail first, then what the later steps build on.
const STEPS: [Step; 10] = [
    Step {
        name: "tools",
        about: "what the other steps need is installed",
        run: tools,
    },
    Step {
        name: "format",
        about: "rustfmt",
        run: rust::format,
    },
    Step {
        name: "page",
        about: "the page builds for release",
        run: || once(crate::page::release()),
    },
    Step {
        name: "size",
        about: "the page keeps to its size budget",
        run: || once(size::check_files().and_then(|()| size::check_code())),
    },
    Step {
        name: "dependencies",
        about: "nothing heavy is in the page",
        run: || once(size::check_dependencies()),
    },
    Step {
        name: "clippy",
        about: "clippy on every crate, tests included",
        run: rust::clippy,
    },
    Step {
        name: "clippy-page",
        about: "clippy on what runs in the browser",
        run: rust::clippy_page,
    },
    Step {
        name: "rust",
        about: "unit, property and conformance tests",
        run: rust::tests,
    },
    Step {
        name: "page-tests",
        about: "components of the page, one by one in a browser",
        run: page::tests,
    },
    Step {
        name: "browser",
        about: "browser and interop tests",
        run: browser::tests,
    },
];

/// Runs the steps that are asked for, all of them unless told otherwise, and prints what came of them.
pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode> {
    let mut wanted: Vec<&str> = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match (*word, words.next()) {
            ("--list", None) => {
                for step in STEPS {
                    println!("{:<14} {}", step.name, step.about);
                }
                return Ok(ExitCode::SUCCESS);
            }
            ("--only", Some(name)) if STEPS.iter().any(|step| step.name == *name) => wanted.push(name),
            _ => bail!("`cargo xtask test` takes --list, or --only STEP once or more"),
        }
    }

    let mut report = Report::default();
    for step in STEPS
        .iter()
        .filter(|step| wanted.is_empty() || wanted.contains(&step.name))
    {
        say(&format!("{}: {}", step.name, step.about));
        let started = Instant::now();
        let outcome = (step.run)().unwrap_or_else(|error| Outcome::failure(format!("{error:#}")));
        report.add(step.name, outcome, started.elapsed());
    }
    Ok(report.print())
}

fn tools() -> Result<Outcome> {
    setup::rust::components()?;
    setup::rust::wasm_target()?;
    setup::apt::install(&browser::SYSTEM_TOOLS)?;
    setup::apt::install(&rust::SYSTEM_TOOLS)?;
    setup::apt::install(&page::SYSTEM_TOOLS)?;
    setup::python::aiocoap()?;
    setup::wakaama::client()?;
    setup::trunk::page_tools()?;
    setup::node::wasm_opt()?;
    setup::node::browser_tests()?;
    Ok(Outcome::success())
}

/// A step that is one check.
fn once(result: Result<()>) -> Result<Outcome> {
    result.map(|()| Outcome::success())
}
