//! `pm`: what there is to know and change about packages without fetching any.

mod error;
mod git;
mod hash;
mod ls;
mod pkg;
mod version;

use super::link::places::Places;
use crate::cli::{PmCommand, PmOptions};
use crate::context::Context;
use crate::error::Result;
use crate::exit::Ending;
use crate::package::folders::{self, NODE_MODULES};
use crate::providers::Task;

pub use error::Error;

/// Does what its command says.
///
/// # Errors
///
/// No project here, a broken package.json, and what the command itself can find wrong.
pub fn run(context: &Context, options: &PmOptions) -> Result<Ending> {
    match &options.command {
        PmCommand::Bin { global: true } => {
            context.report.result(Places::of(context)?.bin.display())?;
            Ok(Ending::SUCCESS)
        }
        PmCommand::Bin { global: false } => {
            let project = folders::project(&context.environment.cwd)?;
            context.report.result(project.folder().join(NODE_MODULES).join(".bin").display())?;
            Ok(Ending::SUCCESS)
        }
        PmCommand::Ls { all, json } => ls::run(context, *all, *json),
        PmCommand::Bundles { json } => context.providers.perform(context, Task::ListBundles { json: *json }),
        PmCommand::Hash => hash::run(context),
        PmCommand::Version { new, preid, no_git_tag_version, message, allow_same_version, dry_run } => {
            let change = version::Change {
                preid: preid.as_deref(),
                git: !no_git_tag_version,
                message: message.as_deref().unwrap_or("v%s"),
                allow_same: *allow_same_version,
                dry_run: *dry_run,
            };
            version::run(context, new.as_deref(), &change)
        }
        PmCommand::Pkg { command } => pkg::run(context, command),
    }
}
