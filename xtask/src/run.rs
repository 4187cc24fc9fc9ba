//! `cargo xtask run`: build page and server the quick way and start the demo.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};

use crate::process::{command, say};
use crate::{build, page, workspace};

const ADDRESS: &str = "127.0.0.1:8080";
const PASSWORD: &str = "MUSTER_ADMIN_PASSWORD";
const PASSWORD_BYTES: usize = 9;

/// Starts the server with simulated devices. Ctrl-C stops it.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let data = match arguments {
        [] => workspace::root().join("data/demo"),
        ["--data-dir", given] => std::env::current_dir()?.join(given),
        _ => bail!("`cargo xtask run` takes one option: --data-dir DIR"),
    };
    page::development()?;
    let server = build::development()?;
    let password = password(&data)?;

    say(&format!("Muster's data is in {}", data.display()));
    println!(
        "\n  page      http://{ADDRESS}\n  user      admin\n  password  {password}\n\n  Ctrl-C stops the server.\n"
    );
    serve(
        command(server)
            .args(["serve", "--demo", "--listen-http", ADDRESS, "--data-dir"])
            .arg(&data)
            .arg("--ui-dir")
            .arg(workspace::development_page())
            .env(PASSWORD, password),
    )
}

/// The administrator's password of this data directory: the one from the environment, or one made at the first start and
/// kept beside the data, since the server itself keeps only its hash.
fn password(data: &Path) -> Result<String> {
    if let Ok(given) = std::env::var(PASSWORD) {
        return Ok(given);
    }
    let file: PathBuf = data.join("admin-password.txt");
    if let Ok(kept) = fs::read_to_string(&file) {
        return Ok(kept.trim().to_owned());
    }
    fs::create_dir_all(data).with_context(|| format!("cannot make {}", data.display()))?;
    let mut bytes = [0; PASSWORD_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("the system has no random bytes: {error}"))?;
    let password: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    write_secret(&file, &format!("{password}\n"))
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(password)
}

/// Writes a file that only its owner may read.
fn write_secret(file: &Path, content: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(content.as_bytes())
}

/// Becomes the server, so that signals reach it and its end is this command's end.
#[cfg(unix)]
fn serve(server: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(server.exec()).context("cannot start the server")
}

#[cfg(not(unix))]
fn serve(server: &mut Command) -> Result<()> {
    crate::process::run(server)
}
