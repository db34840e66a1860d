//! The matrix: for one API that has every type, hosts in every language call plugins in every language, with the code that
//! is generated for both, and plugins call each other and the host.

// Libraries are opened, and what is in them is called.
#![allow(unsafe_code)]

#[path = "../support/mod.rs"]
mod support;

mod built;
mod changes;
mod faults;
#[path = "../fixture/generated/host.rs"]
#[rustfmt::skip]
mod host;
mod rust_host;

use std::ffi::{CStr, c_char};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use built::{Built, built};
use polyplug::Runtime;
use polyplug_abi::HostApi;
use polyplug_js::{JsHost, JsLoader};
use polyplug_lua::{LuaHost, LuaLoader};
use polyplug_native::NativeLoader;

/// A runtime that can load everything, and has nothing loaded.
fn runtime() -> Arc<Runtime> {
    // SAFETY: the libraries of these tests keep to the ABI.
    let native = unsafe { NativeLoader::new() };
    Runtime::builder().loader(native).loader(LuaLoader::new()).loader(JsLoader::new()).build().unwrap()
}

/// Lets a host `prepare` what it provides, loads each plugin in turn, and lets the host `check` it; all that is wrong.
fn pairs<H>(host: impl Fn(&Arc<Runtime>) -> H, check: impl Fn(&H, &Arc<Runtime>) -> Result<(), String>) {
    let mut wrong = Vec::new();
    for (name, folder) in &built().echoes {
        let runtime = runtime();
        let host = host(&runtime);
        runtime.load_bundle(folder).unwrap_or_else(|error| panic!("{name}: {error}"));
        if let Err(error) = check(&host, &runtime) {
            wrong.push(format!("{name}: {error}"));
        }
    }
    assert!(wrong.is_empty(), "plugins of these languages:\n{}", wrong.join("\n"));
}

#[test]
fn a_host_in_rust_calls_plugins_in_every_language() {
    pairs(rust_host::prepare, rust_host::check);
}

/// A host that is a library with the functions `prepare` and `check`.
fn library_host(name: &str, library: &Path) {
    // SAFETY: libraries of this test, which do nothing when they are opened.
    let library = unsafe { libloading::Library::new(library) }.unwrap();
    // SAFETY: the functions have these types.
    let (prepare, check) = unsafe {
        let prepare = library.get::<unsafe extern "C" fn(*const HostApi) -> u32>("prepare").unwrap();
        (prepare, library.get::<unsafe extern "C" fn(*const HostApi, *mut c_char, usize)>("check").unwrap())
    };
    pairs(
        // SAFETY: the runtime is there for the call.
        |runtime| assert_eq!(unsafe { prepare(runtime.host_api()) }, 0, "{name}"),
        |(), runtime| {
            let mut said = [0_u8; 512];
            // SAFETY: as above; there is room for as many bytes, of which the last is zero.
            unsafe { check(runtime.host_api(), said.as_mut_ptr().cast(), said.len()) };
            let said = CStr::from_bytes_until_nul(&said).unwrap().to_string_lossy().into_owned();
            if said.is_empty() { Ok(()) } else { Err(said) }
        },
    );
}

#[test]
fn a_host_in_c_calls_plugins_in_every_language() {
    for compiler in ["gcc", "clang"] {
        library_host(compiler, &built().host(compiler));
    }
}

#[test]
fn a_host_in_cpp_calls_plugins_in_every_language() {
    for compiler in ["g++", "clang++"] {
        library_host(compiler, &built().host(compiler));
    }
}

#[test]
fn a_host_in_lua_calls_plugins_in_every_language() {
    let folder = built().script_host("lua");
    pairs(
        |runtime| {
            let host = LuaHost::new(runtime).unwrap();
            host.run(&folder.join("prepare.lua")).unwrap();
            host
        },
        |host, _| host.run(&folder.join("check.lua")).map_err(|fault| fault.to_string()),
    );
}

#[test]
fn a_host_in_javascript_calls_plugins_in_every_language() {
    let folder = built().script_host("js");
    pairs(
        |runtime| {
            let host = JsHost::new(runtime).unwrap();
            host.run(&folder.join("prepare.js")).unwrap();
            host
        },
        |host, _| host.run(&folder.join("check.js")).map_err(|fault| fault.to_string()),
    );
}

#[test]
fn plugins_call_each_other_across_languages() {
    let Built { echoes, relays, .. } = built();
    let mut wrong = Vec::new();
    for (echo, echo_folder) in echoes {
        for (relay, relay_folder) in relays {
            let runtime = runtime();
            let _desk = rust_host::prepare(&runtime);
            let loaded = runtime.load_bundle(echo_folder).and_then(|_| runtime.load_bundle(relay_folder));
            let checked = loaded.map_err(|error| error.to_string()).and_then(|_| rust_host::check_relay(&runtime));
            if let Err(error) = checked {
                wrong.push(format!("{relay} to {echo}: {error}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_was_generated_and_committed_is_what_would_be_generated() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let check = |arguments: &[&str]| {
        support::run(
            Command::new(env!("CARGO_BIN_EXE_polyplugc"))
                .current_dir(&tests)
                .arg("generate")
                .args(arguments)
                .arg("--check"),
        );
    };
    check(&["--lang", "rust", "--api", "fixture/api.toml", "--out", "fixture/generated"]);
    for plugin in ["rust-echo", "rust-relay"] {
        let (bundle, out) = (format!("{plugin}/bundle.toml"), format!("{plugin}/src"));
        check(&["--lang", "rust", "--bundle", &bundle, "--out", &out]);
    }
}
