//! `muster`: one binary, one data directory, nothing else to install.

fn main() -> anyhow::Result<()> {
    Ok(())
}
