//! Puts the built page into the binary: every file of `dist/` as it is, and compressed with brotli and gzip.
//!
//! `MUSTER_DIST` names another directory. Without a built page the binary still builds and says how to build one.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-env-changed=MUSTER_DIST");
    let dist = match env::var_os("MUSTER_DIST") {
        Some(path) => PathBuf::from(path),
        None => default_dist()?,
    };
    println!("cargo:rerun-if-changed={}", dist.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?);
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, &dist, &mut files)?;
        files.sort();
    }
    let mut whole = Sha256::new();
    let mut list = String::new();
    for (index, (name, path)) in files.iter().enumerate() {
        let bytes = fs::read(path)?;
        whole.update(name.as_bytes());
        whole.update(&bytes);
        let entry = embed(&out, index, name, path, &bytes)?;
        list.push_str(&entry);
    }
    let hash = if files.is_empty() {
        "bare".to_owned()
    } else {
        hex(&whole.finalize()[..8])
    };
    let source =
        format!("pub(super) const HASH: &str = {hash:?};\npub(super) static FILES: &[File] = &[\n{list}];\n");
    fs::write(out.join("page.rs"), source)
}

/// `dist/` of the workspace. It is made if it is not there: cargo takes a missing path for one that always changed, and
/// would build this crate anew every time.
fn default_dist() -> io::Result<PathBuf> {
    let manifest =
        env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| io::Error::other("no CARGO_MANIFEST_DIR"))?;
    let dist = Path::new(&manifest).join("../dist");
    if fs::create_dir_all(&dist).is_err() {
        println!("cargo:warning=dist/ is not there and cannot be made");
    }
    Ok(dist)
}

fn collect(root: &Path, directory: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            files.push((name.to_string_lossy().replace('\\', "/"), path.canonicalize()?));
        }
    }
    Ok(())
}

/// The entry of one file in the list, its compressed forms written beside.
fn embed(out: &Path, index: usize, name: &str, path: &Path, bytes: &[u8]) -> io::Result<String> {
    // The index gets a nonce for every answer and is compressed then.
    let compressible = name != "index.html" && !name.ends_with(".png") && !name.ends_with(".woff2");
    let mut entry = format!(
        "    File {{ name: {name:?}, etag: \"\\\"{}\\\"\", ",
        hex(&Sha256::digest(bytes)[..8])
    );
    let _ = write!(
        entry,
        "hashed: {}, plain: include_bytes!({:?}), ",
        is_hashed(name),
        path.display().to_string()
    );
    for (field, extension, packed) in [("brotli", "br", brotli(bytes)?), ("gzip", "gz", gzip(bytes)?)] {
        if compressible && packed.len() < bytes.len() {
            let file = out.join(format!("page-{index}.{extension}"));
            fs::write(&file, packed)?;
            let _ = write!(
                entry,
                "{field}: Some(include_bytes!({:?})), ",
                file.display().to_string()
            );
        } else {
            let _ = write!(entry, "{field}: None, ");
        }
    }
    entry.push_str("},\n");
    Ok(entry)
}

fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let quality = if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        11
    } else {
        5
    };
    let parameters = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: 22,
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Whether the name carries a hash of the content, as in `frontend-0123456789abcdef_bg.wasm`.
fn is_hashed(name: &str) -> bool {
    let stem = name.rsplit('/').next().unwrap_or(name);
    stem.split('-').skip(1).any(|part| {
        let digits = part.bytes().take_while(u8::is_ascii_hexdigit).count();
        let end = part.as_bytes().get(digits);
        digits >= 8 && matches!(end, Some(b'.' | b'_'))
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
