//! A hot reload seen at work: calls a bundle, has its library built anew while it is loaded, reloads it, and calls it
//! again.
//!
//!     hot_reload FOLDER SOURCE INCLUDE     FOLDER/greeter is a bundle, built from SOURCE with the headers in INCLUDE

// Says that the contract is what this program believes, and that the library may be run.
#![allow(unsafe_code)]

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};

use polyplug::{Arena, RuntimeBuilder};
use polyplug_abi::identity::bundle_id;
use polyplug_abi::types::Version;
use polyplug_examples::call_text;
use polyplug_native::NativeLoader;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, source, include] = arguments.as_slice() else {
        eprintln!("usage: hot_reload FOLDER SOURCE INCLUDE");
        return ExitCode::from(2);
    };
    match run(folder.as_ref(), source, include) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hot_reload: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &Path, source: &str, include: &str) -> Result<(), Box<dyn Error>> {
    let library = folder.join("greeter").join(format!("libgreeter{}", std::env::consts::DLL_SUFFIX));
    // SAFETY: the library is the one that is built from the example's source; it is replaced while it is loaded.
    let native = unsafe { NativeLoader::for_reloading() };
    let runtime = RuntimeBuilder::new()
        .plugin_dir(folder)
        .loader(native)
        .hot_reload(true)
        .on_reload(|_, phase| {
            // SAFETY: views of a phase are valid during the call, and of names and words, which are UTF-8.
            let (bundle, reason) = unsafe { (phase.bundle_name.as_str(), phase.reason.as_str()) };
            println!("{:?} {bundle}{}", phase.phase_type, if reason.is_empty() { "" } else { ": it says why below" });
        })
        .build()?;
    let mut arena = Arena::new();
    let version = Version::new(1, 0, 0);
    let mut greet = |guest| -> Result<(), Box<dyn Error>> {
        // SAFETY: function 0 of text.Greeter@1 is greet(name: StringView) -> StringView.
        println!("{}", unsafe { call_text(guest, 0, "world", &mut arena) }.map_err(|failure| failure.message)?);
        Ok(())
    };

    let old = runtime.create(runtime.find("text.Greeter", version)?)?;
    greet(&old)?;

    build(&library, source, include, "Good evening, ")?;
    runtime.reload_bundle(bundle_id("greeter"))?;
    let new = runtime.create(runtime.find("text.Greeter", version)?)?;
    greet(&new)?;
    // An instance keeps the code that it was made by.
    greet(&old)?;

    // A build that came out broken: what there is serves on.
    std::fs::write(&library, "not a library")?;
    let error = runtime.reload_bundle(bundle_id("greeter")).err().ok_or("a text was loaded as a library")?;
    println!("not reloaded, code {}", error.code());
    let still = runtime.create(runtime.find("text.Greeter", version)?)?;
    greet(&still)
}

fn build(library: &Path, source: &str, include: &str, greeting: &str) -> Result<(), Box<dyn Error>> {
    let status = Command::new("cc")
        .args(["-std=c99", "-shared", "-fPIC", "-I", include, &format!("-DGREETING=\"{greeting}\""), source, "-o"])
        .arg(library)
        .status()?;
    if status.success() { Ok(()) } else { Err(format!("cc: {status}").into()) }
}
