//! A host over generated code: loads the bundles in the folders that it is given, one after another, and calls each.

// Generated code is formatted by whoever generates it.
#[rustfmt::skip]
mod host;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use host::{CallError, GreeterCaller, Host, Journal, Style, Tone, register_journal};
use polyplug::Runtime;
use polyplug_js::JsLoader;
use polyplug_lua::LuaLoader;
use polyplug_native::NativeLoader;

/// What plugins may call.
struct Printed;

impl Journal for Printed {
    fn write(&self, line: &str) -> Result<(), CallError> {
        println!("  journal: {line}");
        Ok(())
    }
}

fn show(runtime: &Arc<Runtime>) -> Result<(), CallError> {
    let greeter: GreeterCaller<'_> = Host::from(runtime).open()?;
    println!("  {}", greeter.greet("Ada", &Style { tone: Tone::Plain, times: 1 })?);
    println!("  {}", greeter.greet("Ada", &Style { tone: Tone::Loud, times: 2 })?);
    for greeting in greeter.greet_all(&["Grace", "Edsger"])? {
        println!("  {greeting}");
    }
    match greeter.greet("", &Style { tone: Tone::Plain, times: 1 }) {
        Err(error) => println!("  code {}: {}", error.code(), error.message()),
        Ok(greeting) => println!("  {greeting}"),
    }
    Ok(())
}

fn run(folder: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    // SAFETY: whoever runs this example vouches for the libraries in the folders.
    #[allow(unsafe_code)]
    let native = unsafe { NativeLoader::new() };
    let runtime = Runtime::builder().loader(native).loader(LuaLoader::new()).loader(JsLoader::new()).build()?;
    register_journal(Host::from(&runtime), Printed)?;
    runtime.load_bundle(folder)?;
    println!("{}:", runtime.bundles()[0].name);
    show(&runtime)?;
    Ok(())
}

fn main() -> ExitCode {
    for folder in std::env::args_os().skip(1).map(PathBuf::from) {
        if let Err(error) = run(&folder) {
            eprintln!("{}: {error}", folder.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
