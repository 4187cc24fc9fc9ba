//! What commands say on standard output, for people and for scripts. The log goes to standard error.

use std::io::Write;

/// Writes one line.
///
/// # Errors
/// If standard output does not take it, as a closed pipe.
pub(super) fn line(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}
