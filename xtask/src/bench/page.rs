//! docs/BENCHMARKS.md: one section for each part of the benchmark, each written by a run of that part.

use crate::process::say;
use crate::workspace;
use anyhow::{Context, Result};

const TITLE: &str = "# Benchmarks\n\nMade by `cargo xtask bench --write`, each part by itself.\n\n";

/// Puts a section into the page in place of the one with the same heading.
pub(super) fn write(heading: &str, content: &str) -> Result<()> {
    let path = workspace::root().join("docs").join("BENCHMARKS.md");
    let page = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    std::fs::write(&path, with_section(&page, heading, content))
        .with_context(|| format!("cannot write {}", path.display()))?;
    say(&format!("written to {}", path.display()));
    Ok(())
}

fn with_section(page: &str, heading: &str, content: &str) -> String {
    let new = format!("{heading}\n\n{}\n", content.trim_end());
    let mut sections: Vec<String> = page
        .split("\n## ")
        .skip(1)
        .map(|section| format!("{}\n", section.trim_end()))
        .collect();
    let same = |section: &String| section.lines().next() == Some(heading);
    match sections.iter().position(same) {
        Some(at) => sections[at] = new,
        None => sections.push(new),
    }
    let sections: Vec<String> = sections.iter().map(|section| format!("## {section}")).collect();
    format!("{TITLE}{}", sections.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_and_others_stay() {
        let page = with_section("# Old\n", "One", "first\n\n");
        assert_eq!(page, format!("{TITLE}## One\n\nfirst\n"));
        let page = with_section(&page, "Two", "| a |");
        let page = with_section(&page, "One", "second");
        assert_eq!(page, format!("{TITLE}## One\n\nsecond\n\n## Two\n\n| a |\n"));
    }
}
