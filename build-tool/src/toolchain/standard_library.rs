//! Where the standard library of a target comes from: what the toolchain has
//! ready, what rustup can fetch for it, what it can compile from the library's
//! source that it carries. And what to do where there is no way.

use std::path::PathBuf;

use super::rustup::Rustup;
use crate::release::{Rustc, StandardLibrary};

/// The first of the ways that is open. Without a rustup, that way is not looked at.
pub fn of(rustc: &Rustc, rustup: Option<&Rustup>, triple: &str) -> StandardLibrary {
    if rustc.sysroot.join("lib/rustlib").join(triple).join("lib").is_dir() {
        StandardLibrary::Prebuilt
    } else if rustup.is_some_and(|rustup| rustup.has(triple)) {
        StandardLibrary::Rustup
    } else if source(rustc).is_some() {
        StandardLibrary::Source
    } else {
        StandardLibrary::Missing
    }
}

/// The folder of the library's source (`library` of Rust's repository), where the toolchain carries it.
pub fn source(rustc: &Rustc) -> Option<PathBuf> {
    let folder = rustc.sysroot.join("lib/rustlib/src/rust/library");
    folder.join("std/Cargo.toml").is_file().then_some(folder)
}

/// The folder of the packages that the library is built with, where the source brings them along.
pub fn vendored(rustc: &Rustc) -> Option<PathBuf> {
    source(rustc).map(|source| source.join("vendor")).filter(|folder| folder.is_dir())
}

/// Every way out, for targets whose standard library cannot be had.
pub fn remedies(triples: &[&str]) -> String {
    let triples = triples.join(" ");
    format!(
        "rustup target add {triples}; or, to compile it: rustup component add rust-src, or on Debian: \
         apt install rustc-web cargo-web rust-web-src rust-web-llvm; any other toolchain on PATH that carries \
         the library's source serves, too"
    )
}
