//! `run`: a script of package.json, a file, a command of an installed package, a command on PATH, in this order.

mod chain;
mod error;
mod launch;
mod list;
pub(crate) mod script;
pub(crate) mod target;
mod workspaces;

use crate::cli::{self, RunOptions};
use crate::context::Context;
use crate::error::Result;
use crate::exit::Ending;
use crate::nearest;

pub use error::Error;
pub(crate) use launch::{launch, variables_for};
pub(crate) use target::Target;

/// Runs what the first word names, with the other words as its arguments; without words, lists the scripts.
///
/// # Errors
///
/// Nothing of that name (127), something that cannot be executed (126), scripts that call each other in a circle, a broken
/// package.json, and whatever a provider says of a JavaScript file.
pub fn run(context: &Context, options: &RunOptions) -> Result<Ending> {
    let everywhere = options.workspaces || !options.filter.is_empty();
    match options.script.split_first() {
        None if everywhere => list::of_workspace(context, options),
        None => list::of_package(context),
        Some((name, args)) if everywhere => workspaces::run(context, options, name, args),
        Some((name, args)) => match target::find(context, name) {
            Ok(target) => launch(context, &target, args, &options.engine),
            Err(error) if options.if_present && error.is_not_found() => Ok(Ending::SUCCESS),
            Err(error) if options.implicit => Err(with_own_commands(error)),
            Err(error) => Err(error),
        },
    }
}

/// Where `run` was left out, the word may have been meant as a command of this program.
fn with_own_commands(mut error: crate::error::Error) -> crate::error::Error {
    if let crate::error::Error::Run(Error::NotFound { name, nearest }) = &mut error {
        let commands = cli::command_names();
        let mut near: Vec<String> =
            nearest::nearest(name, commands.iter().map(String::as_str)).into_iter().map(str::to_owned).collect();
        near.retain(|command| !nearest.contains(command));
        nearest.splice(0..0, near);
    }
    error
}
