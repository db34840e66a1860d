//! The hidden roles of this program: cargo, cc and rustc start it again as
//! their linker, compiler or archiver. A role is known by the first argument,
//! or by the name under which the program was started.

use std::ffi::OsString;
use std::path::Path;

use cargo_zigbuild::Zig;
use clap::Parser;

use super::backends::zig::environment;

/// What a role could not do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RoleError(String);

/// `build-tool zig cc -- …`: what cargo-zigbuild's wrapper scripts start.
#[derive(Debug, Parser)]
enum ZigCall {
    #[command(subcommand)]
    Zig(Zig),
}

/// Plays the role that this process was started for; none if it was started by a person.
pub fn play() -> Option<Result<(), RoleError>> {
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
        dlltool if dlltool.ends_with("dlltool") => return Some(finish(Zig::Dlltool { args: texts() }.execute())),
        _ => {}
    }
    match rest.first()?.to_str()? {
        environment::ROLE => Some(finish(environment::play(&rest.get(1)?.to_string_lossy()))),
        "zig" => match ZigCall::try_parse() {
            Ok(ZigCall::Zig(zig)) => Some(finish(zig.execute())),
            Err(error) => Some(Err(RoleError(error.to_string()))),
        },
        _ => None,
    }
}

fn finish<E: std::fmt::Display>(result: Result<(), E>) -> Result<(), RoleError> {
    result.map_err(|error| RoleError(format!("{error:#}")))
}
