//! `muster objects`: object definitions from DDF files. It works on the database, with the server running or not; a
//! running server takes them within seconds.

use super::{Common, block_on, output};
use crate::core::{ModelError, definitions};
use crate::store::Store;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use shared::api::ModelChange;
use shared::model::Registry;
use std::path::{Path, PathBuf};

/// No definition is longer than this.
const LONGEST: u64 = 16 << 20;

#[derive(Debug, Subcommand)]
pub(super) enum ObjectsCommand {
    /// Take the definitions of a DDF file, or of every XML file in a directory.
    Import(Import),
}

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    common: Common,
    /// A file in OMA's device description format, or a directory of such files.
    #[arg(value_name = "FILE|DIR")]
    from: PathBuf,
}

impl ObjectsCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            ObjectsCommand::Import(command) => {
                let config = command.common.load(Vec::new())?;
                let files = files(&command.from)?;
                let store = Store::open(&config.data_dir)?;
                block_on(async {
                    let result = import(&store, &files).await;
                    store.close().await?;
                    result
                })
            }
        }
    }
}

/// The file itself, or the XML files of a directory, sorted by name.
fn files(from: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let shown = from.display();
    if from.is_file() {
        return Ok(vec![from.to_owned()]);
    }
    let entries = std::fs::read_dir(from).with_context(|| format!("cannot read {shown}"))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_xml = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("xml"));
        if is_xml && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        bail!("there is no XML file in {shown}");
    }
    Ok(files)
}

/// Imports each file for itself: what is wrong with one keeps no other out.
async fn import(store: &Store, files: &[PathBuf]) -> anyhow::Result<()> {
    let builtin = Registry::builtin();
    let (mut added, mut replaced, mut unchanged, mut refused) = (0, 0, 0, 0);
    for file in files {
        match one(store, &builtin, file).await {
            Ok(changes) => {
                for change in changes {
                    match change {
                        ModelChange::Added => added += 1,
                        ModelChange::Replaced => replaced += 1,
                        ModelChange::Unchanged => unchanged += 1,
                    }
                }
            }
            Err(error) => {
                refused += 1;
                output::line(&format!("{}: {error:#}", file.display()))?;
            }
        }
    }
    output::line(&format!(
        "{added} definitions added, {replaced} replaced, {unchanged} unchanged; {refused} files refused."
    ))?;
    if refused > 0 {
        bail!("not every file could be imported");
    }
    Ok(())
}

async fn one(store: &Store, builtin: &Registry, file: &Path) -> anyhow::Result<Vec<ModelChange>> {
    if std::fs::metadata(file)?.len() > LONGEST {
        bail!("the file is larger than {LONGEST} bytes");
    }
    let xml = std::fs::read_to_string(file)?;
    match definitions::import(store, builtin, &xml).await {
        Ok(done) => Ok(done.into_iter().map(|item| item.change).collect()),
        // One line for each thing that is wrong, as compilers do.
        Err(ModelError::Definition(errors)) => {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            bail!("{}", lines.join("\n  "))
        }
        Err(error) => Err(error.into()),
    }
}
