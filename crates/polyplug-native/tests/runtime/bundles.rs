//! Folders with whole bundles, and runtimes over them.

#![allow(dead_code)] // Each test program uses its part.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use polyplug::error::Failure;
use polyplug::{Arena, Guest, Runtime, RuntimeBuilder};
use polyplug_abi::identity::bundle_id;
use polyplug_abi::types::Version;
use polyplug_native::NativeLoader;
use tempfile::TempDir;

use crate::support::{built_rust_plugin, compile, source};

/// Folders of bundles that provide test.Faults@1 with two functions.
pub(crate) struct Bundles {
    folder: TempDir,
}

impl Bundles {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The fixture in C, compiled with these arguments.
    pub(crate) fn compiled(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let bundle = self.described(name);
        compile(&source("contract.c"), &bundle.join("libbundle.so"), arguments);
        bundle
    }

    /// The fixture in Rust, told what to do.
    pub(crate) fn in_rust(&self, name: &str, behaviour: &str) -> PathBuf {
        let bundle = self.described(name);
        std::fs::copy(built_rust_plugin(), bundle.join("libbundle.so")).unwrap();
        std::fs::write(bundle.join("behaviour"), behaviour).unwrap();
        bundle
    }

    fn described(&self, name: &str) -> PathBuf {
        let bundle = self.folder.path().join(name);
        std::fs::create_dir_all(&bundle).unwrap();
        let manifest = format!(
            "name = \"{name}\"\nid = \"0x{:016x}\"\nversion = \"1.0.0\"\nloader = \"native\"\nfile = \"libbundle.so\"\n\
             provides = [\"test.Faults@1\"]\nfunction_count = {{ \"test.Faults@1\" = 2 }}\n",
            bundle_id(name)
        );
        std::fs::write(bundle.join("manifest.toml"), manifest).unwrap();
        bundle
    }
}

/// A runtime without bundles, and its log.
pub(crate) fn runtime() -> (Arc<Runtime>, Arc<Mutex<String>>) {
    let log = Arc::new(Mutex::new(String::new()));
    let lines = Arc::clone(&log);
    // SAFETY: the fixtures keep to the ABI, but for what the runtime has to tell.
    let loader = unsafe { NativeLoader::for_reloading() };
    let runtime = RuntimeBuilder::new()
        .loader(loader)
        .hot_reload(true)
        .logger(move |level, scope, message| {
            lines.lock().unwrap().push_str(&format!("{level:?} {scope} {message}\n"));
        })
        .build()
        .unwrap();
    (runtime, log)
}

/// An instance of the first provider.
pub(crate) fn faults(runtime: &Arc<Runtime>) -> Guest {
    runtime.create(runtime.find("test.Faults", Version::new(1, 0, 0)).unwrap()).unwrap()
}

/// Calls a function that returns a number.
pub(crate) fn call(guest: &Guest, function: u32) -> Result<u32, Failure> {
    let mut result = 0_u32;
    // SAFETY: the functions of test.Faults@1 have no parameters and return a u32.
    unsafe { guest.call(function, std::ptr::null(), (&raw mut result).cast(), &mut Arena::new()) }?;
    Ok(result)
}

/// That loading fails so, says so everywhere, and that the runtime goes on.
pub(crate) fn assert_refused(bundle: &Path, code: polyplug_abi::AbiErrorCode, words: &[&str]) {
    let (runtime, log) = runtime();
    let revision = runtime.revision();
    let error = runtime.load_bundle(bundle).unwrap_err();
    let text = error.to_string();
    assert_eq!(error.code(), code.as_u32(), "{text}");
    assert_eq!(runtime.take_last_error().as_deref(), Some(text.as_str()));
    let log = log.lock().unwrap().clone();
    for words in words {
        assert!(text.contains(words), "{words:?} is not in: {text}");
        assert!(log.contains(words), "{words:?} is not in the log: {log}");
    }
    assert!(runtime.bundles().is_empty());
    assert!(runtime.find("test.Faults", Version::new(1, 0, 0)).is_err());

    let good = Bundles::new();
    runtime.load_bundle(&good.compiled("good", &[])).unwrap();
    assert_eq!(call(&faults(&runtime), 0).unwrap(), 42);
    assert_ne!(runtime.revision(), revision);
}
