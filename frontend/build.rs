//! Lets the page be cut into modules that a browser loads when it needs them: `cargo xtask` sets `MUSTER_SPLIT_PAGE` and does
//! the cutting, for which the linker must leave in how the parts hang together. Without it the page is one module, as
//! Trunk builds it.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(split_page)");
    println!("cargo::rerun-if-env-changed=MUSTER_SPLIT_PAGE");
    if std::env::var_os("MUSTER_SPLIT_PAGE").is_some() {
        println!("cargo::rustc-cfg=split_page");
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
