//! docs/PROTOCOL.md says what is implemented where and tested by what. It is held to what there is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How a row stands.
const STATES: [&str; 4] = ["yes", "partly", "no", "client"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The names between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The rows of all tables with their line: section, what, state, where, tested by, note.
fn rows(text: &str) -> Vec<(usize, Vec<&str>)> {
    let lines = text.lines().enumerate();
    let rows = lines.filter(|(_, line)| line.starts_with("| ") && !line.starts_with("| section"));
    rows.map(|(number, line)| {
        let cells = line.trim_matches('|').split('|').map(str::trim).collect();
        (number + 1, cells)
    })
    .filter(|(_, cells): &(usize, Vec<&str>)| !cells[0].starts_with("--"))
    .collect()
}

#[test]
fn every_row_names_what_there_is() {
    let text = std::fs::read_to_string(root().join("docs/PROTOCOL.md")).unwrap();
    let mut sources: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut wrong = Vec::new();
    let rows = rows(&text);
    assert!(rows.len() > 100, "only {} rows are read", rows.len());
    for (line, cells) in rows {
        let [_, what, state, place, tests, note] = cells.as_slice() else {
            wrong.push(format!("line {line} has {} cells, not 6", cells.len()));
            continue;
        };
        if !STATES.contains(state) {
            wrong.push(format!("line {line}: '{state}' is none of {STATES:?}"));
        }
        let done = *state == "yes" || *state == "partly";
        if done && (quoted(place).next().is_none() || quoted(tests).next().is_none()) {
            wrong.push(format!("line {line}: '{what}' names no file or no test"));
        }
        if *state != "yes" && note.is_empty() {
            wrong.push(format!("line {line}: '{what}' is {state} without a reason"));
        }
        for file in quoted(place) {
            if !root().join(file).exists() {
                wrong.push(format!("line {line}: there is no {file}"));
            }
        }
        for test in quoted(tests) {
            let Some((file, function)) = test.split_once('#') else {
                wrong.push(format!("line {line}: {test} is no file#function"));
                continue;
            };
            let source = sources
                .entry(root().join(file))
                .or_insert_with_key(|file| std::fs::read_to_string(file).unwrap_or_default());
            if !source.contains(&format!("fn {function}(")) {
                wrong.push(format!("line {line}: there is no {test}"));
            }
        }
    }
    assert!(wrong.is_empty(), "docs/PROTOCOL.md:\n{}", wrong.join("\n"));
}

#[test]
fn a_conformance_test_that_has_a_number_is_in_the_table() {
    let text = std::fs::read_to_string(root().join("docs/PROTOCOL.md")).unwrap();
    let folder = root().join("backend/tests/conformance");
    let mut missing = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for line in source
            .lines()
            .filter_map(|line| line.strip_prefix("async fn ets_"))
        {
            let name = line.split('(').next().unwrap();
            if !text.contains(&format!("#ets_{name}`")) {
                missing.push(format!("ets_{name}"));
            }
        }
    }
    assert!(missing.is_empty(), "not in docs/PROTOCOL.md: {missing:?}");
}
