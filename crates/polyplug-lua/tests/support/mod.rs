//! What the tests of both scripting languages share: bundles on disk, a runtime whose log is kept, and calls.
#![allow(unsafe_code)] // Plays a caller that passes C structs.
#![allow(dead_code)] // Each test uses a part of it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use polyplug::error::Failure;
use polyplug::{Arena, Guest, Runtime, RuntimeBuilder};
use polyplug_abi::identity::bundle_id;
use polyplug_abi::types::{StringView, Version};
use tempfile::TempDir;

/// A folder of bundles.
pub(crate) struct Bundles(pub(crate) TempDir);

/// What a bundle is made of.
pub(crate) struct Bundle<'a> {
    pub(crate) name: &'a str,
    pub(crate) loader: &'a str,
    pub(crate) provides: &'a [&'a str],
    /// `text.Case@1`, or `host text.Case@1`.
    pub(crate) depends: &'a [&'a str],
    pub(crate) source: &'a str,
}

impl Bundles {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn add(&self, bundle: &Bundle<'_>) -> PathBuf {
        let folder = self.path().join(bundle.name);
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut manifest = format!(
            "name = \"{0}\"\nid = \"{1:#018x}\"\nversion = \"1.0.0\"\nloader = \"{2}\"\nfile = \"main.{2}\"\n\
             provides = {3:?}\n",
            bundle.name,
            bundle_id(bundle.name),
            bundle.loader,
            bundle.provides,
        );
        for one in bundle.depends {
            let (kind, contract) = match one.strip_prefix("host ") {
                Some(contract) => ("host_contract", contract),
                None => ("guest_contract", *one),
            };
            write!(manifest, "[[dependencies]]\nkind = \"{kind}\"\ncontract = \"{contract}\"\n").expect("a string");
        }
        std::fs::write(folder.join("manifest.toml"), manifest).expect("written");
        std::fs::write(folder.join(format!("main.{}", bundle.loader)), bundle.source).expect("written");
        folder
    }
}

/// The messages of a log.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().expect("no panic").clone()
    }

    pub(crate) fn has(&self, words: &str) -> bool {
        self.all().iter().any(|line| line.contains(words))
    }
}

/// A builder that keeps the log and allows reloading.
pub(crate) fn builder() -> (RuntimeBuilder, Log) {
    let log = Log::default();
    let kept = log.clone();
    let builder = Runtime::builder().hot_reload(true).logger(move |level, scope, message| {
        kept.0.lock().expect("no panic").push(format!("{level:?} {scope}: {message}"));
    });
    (builder, log)
}

/// An instance of a contract, as in `text.Greeter@1`.
pub(crate) fn guest(runtime: &Arc<Runtime>, contract: &str) -> Guest {
    let (name, major) = contract.split_once('@').expect("a contract");
    let major = major.parse().expect("a number");
    let handle = runtime.find(name, Version::new(major, 0, 0)).expect("it is loaded");
    runtime.create(handle).expect("it can be made")
}

/// Calls a function with arguments and room for a result, laid out as it wants them.
pub(crate) fn call<A, R: Copy>(guest: &Guest, number: u32, args: &A, mut out: R) -> Result<R, Failure> {
    let mut arena = Arena::new();
    // SAFETY: the test gives types of the function's layout.
    unsafe { guest.call(number, (&raw const *args).cast(), (&raw mut out).cast(), &mut arena) }.map(|()| out)
}

/// Calls a function of a string that returns one.
pub(crate) fn text(guest: &Guest, number: u32, text: &str) -> Result<String, Failure> {
    let mut arena = Arena::new();
    let args = StringView::new(text);
    let mut out = StringView::EMPTY;
    // SAFETY: the test names a function `(string)->string`; the arena is there until the copy is made.
    unsafe {
        guest.call(number, (&raw const args).cast(), (&raw mut out).cast(), &mut arena)?;
        Ok(out.as_str().to_owned())
    }
}
