//! `exec`: a line for the system's shell, with the commands of the project's packages on PATH.

use crate::cli::ExecOptions;
use crate::commands::run::variables_for;
use crate::context::Context;
use crate::error::Result;
use crate::exit::Ending;
use crate::process::{self, Program};

/// Runs the line in the folder that this run works in.
///
/// # Errors
///
/// The shell does not start; on Windows also an argument that cmd.exe cannot pass on.
pub fn run(context: &Context, options: &ExecOptions) -> Result<Ending> {
    let cwd = &context.environment.cwd;
    let variables = variables_for(context, cwd);
    Ok(process::run(&Program::shell(&options.line, &options.args, cwd, variables)?)?)
}
