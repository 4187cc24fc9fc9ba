//! What comes from the system's package manager for the tests: a browser and the peers that others wrote.

use std::process::Command;

use anyhow::Result;

use crate::process::{on_path, output, run, say};

/// A program the tests use, under the names it may have, and the Debian packages that bring it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tool {
    pub(crate) what: &'static str,
    programs: &'static [&'static str],
    packages: &'static [&'static str],
}

pub(crate) const CHROMIUM: Tool = Tool {
    what: "Chromium",
    programs: &["chromium", "chromium-browser", "google-chrome"],
    packages: &["chromium", "fonts-dejavu-core"],
};
pub(crate) const CHROMEDRIVER: Tool = Tool {
    what: "ChromeDriver",
    programs: &["chromedriver"],
    packages: &["chromium-driver"],
};
pub(crate) const LIBCOAP: Tool = Tool {
    what: "libcoap's coap-client",
    programs: &["coap-client-notls", "coap-client"],
    packages: &["libcoap3-bin"],
};
pub(crate) const GNUTLS: Tool = Tool {
    what: "GnuTLS's gnutls-cli",
    programs: &["gnutls-cli"],
    packages: &["gnutls-bin"],
};
pub(crate) const OPENSSL: Tool = Tool {
    what: "the openssl program",
    programs: &["openssl"],
    packages: &["openssl"],
};
pub(crate) const JAVA: Tool = Tool {
    what: "a Java development kit",
    programs: &["javac"],
    packages: &["default-jdk-headless"],
};
pub(crate) const PYTHON: Tool = Tool {
    what: "Python",
    programs: &["python3"],
    packages: &["python3-venv"],
};
pub(crate) const MAVEN: Tool = Tool {
    what: "Maven",
    programs: &["mvn"],
    packages: &["maven"],
};

impl Tool {
    /// The program's name on this machine, or nothing where it is not installed.
    pub(crate) fn program(&self) -> Option<&'static str> {
        self.programs.iter().copied().find(|program| on_path(program))
    }

    /// What a person types to install it.
    pub(crate) fn advice(&self) -> String {
        format!(
            "{} is missing: apt-get install {}",
            self.what,
            self.packages.join(" ")
        )
    }
}

/// Installs the missing ones of these where it may: on a Debian-like system, as root. Where it may not, nothing happens;
/// the steps that need a tool say that it is missing.
pub(crate) fn install(tools: &[Tool]) -> Result<()> {
    let packages: Vec<&str> = tools
        .iter()
        .filter(|tool| tool.program().is_none())
        .flat_map(|tool| tool.packages.iter().copied())
        .collect();
    if packages.is_empty() {
        return Ok(());
    }
    install_packages(&packages).map(|_| ())
}

/// Installs these packages where it may, and says whether it could.
pub(crate) fn install_packages(packages: &[&str]) -> Result<bool> {
    if !on_path("apt-get") || !is_root() {
        return Ok(false);
    }
    say(&format!("installing {} (apt-get)", packages.join(" ")));
    run(apt_get().args(["update", "-qq"]))?;
    run(apt_get()
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages))?;
    Ok(true)
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Whether this runs as root, whom apt-get obeys and whom Chromium refuses its sandbox.
pub(crate) fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
