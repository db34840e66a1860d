//! A host in Rust: builds a runtime over a folder of bundles and calls two of them.
//!
//!     rust_host FOLDER

// Says that the contracts are what this program believes, and that the libraries may be run.
#![allow(unsafe_code)]

use std::error::Error;
use std::process::ExitCode;

use polyplug::{Arena, RuntimeBuilder};
use polyplug_abi::types::Version;
use polyplug_examples::call_text;
use polyplug_native::NativeLoader;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: rust_host FOLDER");
        return ExitCode::from(2);
    };
    match run(folder.as_ref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rust_host: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &std::path::Path) -> Result<(), Box<dyn Error>> {
    // SAFETY: whoever starts this program has it run the bundles in that folder.
    let native = unsafe { NativeLoader::new() };
    let runtime = RuntimeBuilder::new()
        .plugin_dir(folder)
        .loader(native)
        .logger(|level, scope, message| eprintln!("{level:?} [{scope}] {message}"))
        .build()?;
    for bundle in runtime.bundles() {
        println!("{} {}", bundle.name, bundle.version);
    }

    let mut arena = Arena::new();
    let greeter = runtime.create(runtime.find("text.Greeter", Version::new(1, 0, 0))?)?;
    for name in ["Rust", "world", ""] {
        // SAFETY: function 0 of text.Greeter@1 is greet(name: StringView) -> StringView.
        match unsafe { call_text(&greeter, 0, name, &mut arena) } {
            Ok(greeting) => println!("{greeting}"),
            Err(failure) => println!("code {}: {}", failure.code, failure.message),
        }
    }
    let letter = runtime.create(runtime.find("text.Letter", Version::new(1, 0, 0))?)?;
    // SAFETY: function 0 of text.Letter@1 takes and returns a text, too.
    println!("{}", unsafe { call_text(&letter, 0, "dependencies", &mut arena) }.map_err(|failure| failure.message)?);
    Ok(())
}
