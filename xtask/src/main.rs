//! `cargo xtask …`: everything a person types to build, run, test and measure Muster.

fn main() -> anyhow::Result<()> {
    Ok(())
}
