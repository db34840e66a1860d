//! Compiles libraries and asks the loader for them.

#![allow(dead_code)] // Each test program uses its part.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use polyplug::error::LoaderError;
use polyplug::loader::{BundleLoader, LoadRequest, LoadedBundle, ManifestData};
use polyplug_abi::identity::bundle_id;
use polyplug_abi::types::Version;
use polyplug_native::NativeLoader;
use tempfile::TempDir;

/// A folder with a bundle's library.
pub(crate) struct Bundle {
    folder: TempDir,
    name: &'static str,
}

pub(crate) fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

pub(crate) fn include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../polyplug-abi/include")
}

impl Bundle {
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), name: "libplain.so" }
    }

    /// Of a C source in `tests/fixtures`.
    pub(crate) fn compiled(name: &str, arguments: &[&str]) -> Self {
        let bundle = Self::empty();
        compile(&source(name), &bundle.file(), arguments);
        bundle
    }

    /// Of a library that has a name of its own, to be told among those of other tests.
    pub(crate) fn named(name: &'static str) -> Self {
        let bundle = Self { name, ..Self::empty() };
        compile(&source("plain.c"), &bundle.file(), &[]);
        bundle
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(self.name)
    }

    pub(crate) fn load_with(&self, loader: &NativeLoader) -> Result<Box<dyn LoadedBundle>, LoaderError> {
        let file = self.file();
        let manifest = ManifestData {
            name: "plain".to_owned(),
            id: bundle_id("plain"),
            version: Version::new(1, 0, 0),
            loader: "native".to_owned(),
            file: self.name.into(),
            provides: Vec::new(),
            needs_reinit_on_dep_reload: false,
            dependencies: Vec::new(),
            path: self.folder.path().to_owned(),
        };
        loader.load(&LoadRequest {
            manifest: &manifest,
            folder: self.folder.path(),
            file: &file,
            host: std::ptr::null(),
        })
    }

    /// The code and the words with which loading fails.
    pub(crate) fn failure(&self) -> (u32, String) {
        let error = self.load_with(&plain_loader()).err().expect("it was loaded");
        (error.code(), error.to_string())
    }
}

pub(crate) fn compile(source: &Path, library: &Path, arguments: &[&str]) {
    let output = Command::new("cc")
        .args([
            "-std=c99",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-shared",
            "-fPIC",
            "-fvisibility=hidden",
            "-I",
        ])
        .arg(include())
        .arg("-o")
        .arg(library)
        .arg(source)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A bundle with the Rust fixture, told what to do.
pub(crate) fn rust_library(behaviour: &str) -> Bundle {
    let bundle = Bundle::empty();
    std::fs::copy(built_rust_plugin(), bundle.file()).unwrap();
    std::fs::write(bundle.path().join("behaviour"), behaviour).unwrap();
    bundle
}

/// Built once for all tests, by Cargo, in a package that is written for it: a lock file in this repository would have to
/// follow every version.
pub(crate) fn built_rust_plugin() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rust-plugin");
        std::fs::create_dir_all(&package).unwrap();
        let manifest = format!(
            "[package]\nname = \"rust-plugin\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"cdylib\"]\npath = {:?}\n\n\
             [dependencies]\npolyplug-abi = {{ path = {:?} }}\n\n[profile.dev]\ndebug = false\n\n[workspace]\n",
            source("faults.rs"),
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../polyplug-abi"),
        );
        std::fs::write(package.join("Cargo.toml"), manifest).unwrap();
        let output = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--offline", "--target-dir", "target"])
            .current_dir(&package)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        package.join("target/debug/librust_plugin.so")
    };
    BUILT.get_or_init(build).clone()
}

pub(crate) fn plain_loader() -> NativeLoader {
    // SAFETY: the fixtures keep to the ABI as far as they get: none calls the host.
    unsafe { NativeLoader::new() }
}

pub(crate) fn reloading_loader() -> NativeLoader {
    // SAFETY: as above.
    unsafe { NativeLoader::for_reloading() }
}
