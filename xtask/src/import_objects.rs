//! `cargo xtask import-objects DIR`: the facts of object definitions, from DDF files into `shared/data/objects.txt`.

use anyhow::Context;
use shared::model::{Registry, ddf, facts};
use std::fs;
use std::path::{Path, PathBuf};

/// Reads every DDF file in `dir` and in `dir/version_history`, and writes `shared/data/objects.txt`.
pub(crate) fn run(dir: &Path) -> anyhow::Result<()> {
    let registry = read(dir)?;
    let target = workspace_root().join("shared/data/objects.txt");
    fs::write(&target, text(&registry)).with_context(|| format!("cannot write {}", target.display()))?;
    println!("{} definitions written to {}", registry.len(), target.display());
    Ok(())
}

/// The definitions in a copy of the registry. Where a version is in both places, the one in `dir` itself counts,
/// for that is the one its owner corrects.
fn read(dir: &Path) -> anyhow::Result<Registry> {
    let mut registry = Registry::new();
    for folder in [dir.join("version_history"), dir.to_owned()] {
        for file in definition_files(&folder)? {
            let xml = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let objects = ddf::parse(&xml).map_err(|errors| {
                let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
                anyhow::anyhow!("{}: {}", file.display(), lines.join("; "))
            })?;
            for object in objects {
                registry.insert(object);
            }
        }
    }
    Ok(registry)
}

/// The XML files that are named after an object's id, sorted by name; others are the registry's own lists.
fn definition_files(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
        if name.ends_with(".xml") && name.starts_with(|first: char| first.is_ascii_digit()) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn text(registry: &Registry) -> String {
    facts::write(registry.iter().map(AsRef::as_ref))
}

fn workspace_root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A copy of the registry, if there is one on this machine.
    fn registry_copy() -> Option<PathBuf> {
        let named = std::env::var_os("MUSTER_OMA_REGISTRY").map(PathBuf::from);
        let beside = workspace_root().join("../shared/oma-registry");
        named.or(Some(beside)).filter(|dir| dir.is_dir())
    }

    #[test]
    fn the_committed_facts_are_those_of_the_registry() {
        let Some(dir) = registry_copy() else {
            println!("skipped: no copy of the OMA registry; MUSTER_OMA_REGISTRY names one");
            return;
        };
        let committed = fs::read_to_string(workspace_root().join("shared/data/objects.txt")).unwrap();
        let imported = text(&read(&dir).unwrap());
        assert!(
            imported == committed,
            "run `cargo xtask import-objects` and commit objects.txt"
        );
    }
}
