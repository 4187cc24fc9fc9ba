//! What a command needs and a fresh machine has not got yet. Each part looks first, says one line when it installs
//! something, and tells in words what a person must do where it cannot.

pub(crate) mod apt;
pub(crate) mod fuzz;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod rust;
pub(crate) mod trunk;
pub(crate) mod wakaama;

use std::env;
use std::ffi::OsString;

use anyhow::{Context, Result};

use crate::workspace;

/// The path with our own tools in front, as other programs are to see it.
pub(crate) fn path_with_tools() -> Result<OsString> {
    let present = env::var_os("PATH").unwrap_or_default();
    let folders = [workspace::tools()?.join("bin"), node::wasm_opt_bin()];
    env::join_paths(folders.into_iter().chain(env::split_paths(&present))).context("PATH cannot be extended")
}
