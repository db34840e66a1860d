//! Starting what was found.

use std::ffi::OsString;
use std::path::Path;

use super::{Target, script};
use crate::cli::EngineOptions;
use crate::context::Context;
use crate::environment::Variables;
use crate::error::Result;
use crate::exit::Ending;
use crate::package::folders;
use crate::process::{self, Program};
use crate::providers::Task;

/// Runs it to its end.
///
/// # Errors
///
/// It does not start, or nobody provides what it needs.
pub(crate) fn launch(context: &Context, target: &Target, args: &[OsString], options: &EngineOptions) -> Result<Ending> {
    match target {
        Target::Script { package, name } => script::run(context, package, name, args),
        Target::JavaScript(file) => context.providers.perform(context, Task::RunFile { file, args, options }),
        Target::Program(file) => {
            let cwd = &context.environment.cwd;
            let variables = variables_for(context, cwd);
            Ok(process::run(&program(file, cwd, variables)?.args(args.iter().cloned()))?)
        }
    }
}

#[cfg(not(windows))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere the interpreter may be missing")]
fn program(file: &Path, cwd: &Path, variables: Variables) -> Result<Program> {
    Ok(Program::new(file, cwd, variables))
}

/// Windows knows programs by their ending only; a `#!` line is read here, as npm's own commands do.
#[cfg(windows)]
fn program(file: &Path, cwd: &Path, variables: Variables) -> Result<Program> {
    use crate::commands::link::shim;
    use crate::process::{LookUp, look_up};
    let Some(shim::Interpreter { program, args }) = shim::interpreter_of(file) else {
        return Ok(Program::new(file, cwd, variables));
    };
    let found = look_up(program.as_ref(), &variables.path()).map_err(|missing| match missing {
        LookUp::NotFound => process::Error::NotFound { program: program.into() },
        LookUp::NotExecutable(program) => process::Error::NotFound { program },
    })?;
    Ok(Program::new(found, cwd, variables).args(args).arg(file))
}

/// What every program gets that is started in `folder`: its packages' commands first on PATH, and who started it.
pub(crate) fn variables_for(context: &Context, folder: &Path) -> Variables {
    let mut variables = context.variables.with_path_first(&folders::bin_folders(folder));
    if let Ok(exe) = std::env::current_exe() {
        variables.set("npm_execpath", exe);
    }
    variables.set(
        "npm_config_user_agent",
        format!("rust-bun/{} {} {}", context.build.version, std::env::consts::OS, std::env::consts::ARCH),
    );
    variables
}
