//! Wakaama, a client of LwM2M 1.0 in C, with tinydtls for DTLS: its sources come in a package of npm, and are built into the
//! cache of tools with the C compiler that is there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{command, on_path, output, run, say};
use crate::workspace;

/// The package, and where the sources are in it.
const PACKAGE: &str = "node-red-contrib-lwm2m@2.12.3";
const SOURCES: &str = "package/deps/wakatiwai/deps/wakaama";

/// What the two programs are made of beside all of the core and of the example client.
const PLAIN: [&str; 4] = ["commandline.c", "platform.c", "memtrace.c", "connection.c"];
const SECURE: [&str; 16] = [
    "commandline.c",
    "platform.c",
    "memtrace.c",
    "dtlsconnection.c",
    "tinydtls/dtls.c",
    "tinydtls/crypto.c",
    "tinydtls/ccm.c",
    "tinydtls/hmac.c",
    "tinydtls/dtls_debug.c",
    "tinydtls/netq.c",
    "tinydtls/peer.c",
    "tinydtls/dtls_time.c",
    "tinydtls/session.c",
    "tinydtls/sha2/sha2.c",
    "tinydtls/aes/rijndael.c",
    "tinydtls/ecc/ecc.c",
];

/// What tinydtls' configure would find out.
const DTLS_CONFIG: &str = "\
#define DTLS_PSK 1
#define DTLS_ECC 1
#define NDEBUG 1
#define PACKAGE_NAME \"tinydtls\"
#define PACKAGE_VERSION \"0.8.6\"
#define HAVE_ARPA_INET_H 1
#define HAVE_ASSERT_H 1
#define HAVE_INTTYPES_H 1
#define HAVE_NETINET_IN_H 1
#define HAVE_STDDEF_H 1
#define HAVE_STDINT_H 1
#define HAVE_STDLIB_H 1
#define HAVE_STRING_H 1
#define HAVE_STRINGS_H 1
#define HAVE_SYS_PARAM_H 1
#define HAVE_SYS_SOCKET_H 1
#define HAVE_SYS_STAT_H 1
#define HAVE_SYS_TIME_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_TIME_H 1
#define HAVE_UNISTD_H 1
#define HAVE_VPRINTF 1
#define HAVE_STRNLEN 1
";

/// Makes sure that both programs are in the cache: `wakaama` and `wakaama-dtls`. Without npm or a C compiler the tests that
/// want them say so.
pub(crate) fn client() -> Result<()> {
    let folder = workspace::tools()?.join("wakaama");
    if folder.join("wakaama").is_file() && folder.join("wakaama-dtls").is_file() {
        return Ok(());
    }
    if let Some(missing) = ["npm", "tar", "cc"].into_iter().find(|program| !on_path(program)) {
        say(&format!("Wakaama is not built: {missing} is missing"));
        return Ok(());
    }
    say(&format!("building Wakaama for the interop tests ({PACKAGE}, cc)"));
    if let Err(error) = build(&folder) {
        say(&format!("Wakaama is not built: {error:#}"));
    }
    Ok(())
}

fn build(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).context("the folder cannot be made")?;
    let packed = output(
        command("npm")
            .args(["pack", "--silent", PACKAGE])
            .current_dir(folder),
    )?;
    let Some(archive) = packed
        .lines()
        .last()
        .map(str::trim)
        .filter(|name| !name.is_empty())
    else {
        bail!("npm names no archive");
    };
    run(command("tar").args(["xzf", archive, SOURCES]).current_dir(folder))?;
    fs::write(folder.join("dtls_config.h"), DTLS_CONFIG)
        .context("the configuration of tinydtls cannot be written")?;
    compile(folder, "wakaama", &PLAIN, &[])?;
    compile(
        folder,
        "wakaama-dtls",
        &SECURE,
        &["-DWITH_TINYDTLS", "-DWITH_SHA256"],
    )
}

fn compile(folder: &Path, program: &str, shared: &[&str], flags: &[&str]) -> Result<()> {
    let sources = folder.join(SOURCES);
    let examples = sources.join("examples");
    let mut files = Vec::new();
    for place in ["core", "core/er-coap-13", "examples/client"] {
        files.extend(c_files(&sources.join(place))?);
    }
    files.extend(shared.iter().map(|file| examples.join("shared").join(file)));
    let endian = if cfg!(target_endian = "little") {
        "-DLWM2M_LITTLE_ENDIAN"
    } else {
        "-DLWM2M_BIG_ENDIAN"
    };
    let mut compiler = command("cc");
    compiler.args(["-w", "-O1", "-std=gnu99", endian]);
    compiler.args(["-DLWM2M_CLIENT_MODE", "-DLWM2M_BOOTSTRAP", "-DLWM2M_SUPPORT_JSON"]);
    compiler.args(flags);
    for include in [
        "core",
        "core/er-coap-13",
        "examples/shared",
        "examples/shared/tinydtls",
    ] {
        compiler.arg("-I").arg(sources.join(include));
    }
    compiler.arg("-I").arg(folder);
    run(compiler.args(files).arg("-o").arg(folder.join(program)))
}

fn c_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("{} is not in the package", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "c"));
    files.sort();
    Ok(files)
}
