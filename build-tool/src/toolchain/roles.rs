//! The hidden roles of this program: cargo, cc and rustc start it again as
//! their linker, compiler or archiver. A role is known by the first argument,
//! or by the name under which the program was started.

use std::ffi::OsString;
use std::path::Path;

use cargo_zigbuild::Zig;
use clap::Parser;

use super::backends::zig::{XCRUN, environment, frameworks};
use super::msvc;
use crate::tool::{Invocation, Launcher};

/// Set for the process that a prepared call is handed to.
const PREPARED: &str = "BUILD_TOOL_CALL_PREPARED";

/// How a role ended.
#[derive(Debug, Default)]
pub struct Played {
    /// What whoever started it should read, whole lines.
    pub says: String,
    /// Whether it failed.
    pub failed: bool,
}

/// `build-tool zig cc -- …`: what cargo-zigbuild's wrapper scripts start.
#[derive(Debug, Parser)]
enum ZigCall {
    #[command(subcommand)]
    Zig(Zig),
}

/// Plays the role that this process was started for; none if it was started by a person.
pub fn play() -> Option<Played> {
    // First, since it knows its own by what lies beside the name, and some names are also those below.
    if let Some(played) = msvc::roles::play() {
        return Some(played);
    }
    let mut arguments = std::env::args_os();
    let started_as = arguments.next().unwrap_or_default();
    let name = Path::new(&started_as).file_stem()?.to_str()?.to_owned();
    let rest: Vec<OsString> = arguments.collect();
    let texts = || rest.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    match name.as_str() {
        "ar" => return Some(finish(Zig::Ar { args: texts() }.execute())),
        "lib" => return Some(finish(Zig::Lib { args: texts() }.execute())),
        "install_name_tool" => {
            return Some(finish(cargo_zigbuild::macos::install_name_tool::execute(texts())));
        }
        // rustc asks it for the SDK's folder and warns if nobody answers. There is none: an empty answer.
        XCRUN => return Some(Played::default()),
        dlltool if dlltool.ends_with("dlltool") => return Some(finish(Zig::Dlltool { args: texts() }.execute())),
        _ => {}
    }
    match rest.first()?.to_str()? {
        environment::ROLE => Some(finish(environment::play(&rest.get(1)?.to_string_lossy()))),
        "zig" => match ZigCall::try_parse() {
            Ok(ZigCall::Zig(zig)) => Some(run(&zig)),
            Err(error) => Some(failed(&error)),
        },
        _ => None,
    }
}

/// Runs zig, for macOS with what `frameworks` prepares.
fn run(zig: &Zig) -> Played {
    let (tool, arguments) = match zig {
        Zig::Cc { args } => ("cc", args),
        Zig::Cxx { args } => ("c++", args),
        _ => return finish(zig.execute()),
    };
    if std::env::var_os(PREPARED).is_some() {
        return finish(zig.execute());
    }
    match frameworks::prepare(arguments) {
        Ok(None) => finish(zig.execute()),
        Ok(Some(call)) => hand_on(tool, &call),
        Err(error) => failed(&error),
    }
}

/// cargo-zigbuild ends the process in which a call fails: it gets one of its own, so that something can be added.
fn hand_on(tool: &str, call: &frameworks::Call) -> Played {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return failed(&error),
    };
    let invocation = Invocation::new(program, format!("run zig {tool}"));
    let invocation = invocation.args(["zig", tool, "--"]).args(&call.arguments).env(PREPARED, "1");
    match Launcher::new().stand_in(&invocation) {
        Err(error) => failed(&error),
        Ok((status, said)) if status.success() => Played { says: said, failed: false },
        Ok((_, said)) => {
            let more = call.explain(&said).map_or_else(String::new, |text| format!("{text}\n"));
            Played { says: said + &more, failed: true }
        }
    }
}

fn finish<E: std::fmt::Display>(result: Result<(), E>) -> Played {
    result.map_or_else(|error| failed(&error), |()| Played::default())
}

fn failed(error: &impl std::fmt::Display) -> Played {
    Played { says: format!("build-tool: {error:#}\n"), failed: true }
}
