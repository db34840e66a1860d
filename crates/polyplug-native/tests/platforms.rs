//! What the loader does on every platform, with a library that Cargo builds for it; Linux' details are in `loader`.

#![allow(unsafe_code)] // Asks the loader as a runtime does, and sets the folder for temporary files.

use std::fs;
use std::path::{Path, PathBuf};

use polyplug::error::LoaderError;
use polyplug::loader::{BundleLoader, LoadRequest, LoadedBundle, ManifestData};
use polyplug_abi::AbiErrorCode;
use polyplug_abi::identity::bundle_id;
use polyplug_abi::types::Version;
use polyplug_native::NativeLoader;

/// The example `plain_bundle`, which is built along with the tests.
fn library() -> PathBuf {
    let name = format!("{}plain_bundle{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("examples").join(name)
}

fn load(loader: &NativeLoader, folder: &Path) -> Result<Box<dyn LoadedBundle>, LoaderError> {
    let file = folder.join("bundle.library");
    let manifest = ManifestData {
        name: "plain".to_owned(),
        id: bundle_id("plain"),
        version: Version::new(1, 0, 0),
        loader: "native".to_owned(),
        file: "bundle.library".into(),
        provides: Vec::new(),
        needs_reinit_on_dep_reload: false,
        dependencies: Vec::new(),
        path: folder.to_owned(),
    };
    loader.load(&LoadRequest { manifest: &manifest, folder, file: &file, host: std::ptr::null() })
}

fn entries(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// One test, since it sets the folder for temporary files.
#[test]
fn libraries_are_loaded_replaced_and_closed_without_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (bundle, temporary) = (folder.path().canonicalize().unwrap().join("bundle"), folder.path().join("temporary"));
    fs::create_dir(&bundle).unwrap();
    fs::create_dir(&temporary).unwrap();
    for name in ["TMPDIR", "TMP", "TEMP"] {
        // SAFETY: no other thread of this program reads or sets variables.
        unsafe { std::env::set_var(name, &temporary) };
    }
    let file = bundle.join("bundle.library");
    fs::copy(library(), &file)
        .expect("the example plain_bundle is not built: run all tests of the package, which builds it");
    fs::write(bundle.join("neighbour.dll"), "").unwrap();
    // SAFETY: the library keeps to the ABI, and does not call the host.
    let (plain, reloading) = unsafe { (NativeLoader::new(), NativeLoader::for_reloading()) };

    // It starts once in each library, so each load is one of its own.
    let first = load(&plain, &bundle).unwrap();
    let second = load(&plain, &bundle).unwrap();
    drop((first, second));
    let third = load(&plain, &bundle).unwrap();
    drop(third);

    // The file may be replaced, and removed, while it is loaded.
    let old = load(&reloading, &bundle).unwrap();
    fs::remove_file(&file).unwrap();
    fs::write(&file, "no library").unwrap();
    let error = load(&reloading, &bundle).err().expect("text was loaded");
    assert_eq!(error.code(), AbiErrorCode::LoadFailed.as_u32(), "{error}");
    fs::copy(library(), &file).unwrap();
    let new = load(&reloading, &bundle).unwrap();
    drop((old, new));

    assert_eq!(entries(&temporary), Vec::<String>::new(), "copies are left");
    let mut left = entries(&bundle);
    left.sort();
    assert_eq!(left, ["bundle.library", "neighbour.dll"]);
}
