//! Where things are: the workspace, what cargo builds and the cache of tools.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or_else(|| Path::new("."))
}

/// Cargo's target directory, which a developer may have moved.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |given| root().join(given))
}

/// The tools this workspace installs for itself. Outside `target/`, so that `cargo clean` and a fresh clone keep them.
pub(crate) fn tools() -> Result<PathBuf> {
    let cache = match env::var_os("XDG_CACHE_HOME") {
        Some(given) => PathBuf::from(given),
        None => env::home_dir()
            .context("there is no home directory to keep tools in")?
            .join(".cache"),
    };
    Ok(cache.join("muster"))
}

/// The release build of the page, which the release server embeds.
pub(crate) fn release_page() -> PathBuf {
    root().join("dist")
}

/// The quick build of the page, which `cargo xtask run` serves.
pub(crate) fn development_page() -> PathBuf {
    target().join("page")
}
