//! One file a command: what is done about what the command line says.

pub mod bunx;
pub mod create;
pub mod exec;
pub mod init;
pub mod link;
pub mod pm;
mod project_name;
pub mod run;
pub mod unlink;
pub mod upgrade;

use crate::cli::{self, Command};
use crate::context::Context;
use crate::error::Result;
use crate::exit::Ending;
use crate::providers::Task;

/// Does what the command line says. A command that this core cannot do goes to whoever provides it; no other does.
///
/// # Errors
///
/// Those of the command.
pub fn perform(context: &Context, command: &Command) -> Result<Ending> {
    let provided = |task| context.providers.perform(context, task);
    match command {
        Command::Run(options) => run::run(context, options),
        Command::Exec(options) => exec::run(context, options),
        Command::Bunx(options) => bunx::run(context, options),
        Command::Init(options) => init::run(context, options),
        Command::Create(options) => create::run(context, options),
        Command::Upgrade(options) => upgrade::run(context, options),
        Command::Link(options) => link::run(context, options),
        Command::Unlink(options) => unlink::run(context, options),
        Command::Pm(options) => pm::run(context, options),
        Command::Build(options) => provided(Task::Build(options)),
        Command::Test(options) => provided(Task::Test(options)),
        Command::Repl(options) => provided(Task::Repl(options)),
        Command::Install(options) => provided(Task::Install(options)),
        Command::Add(options) => provided(Task::Add(options)),
        Command::Remove(options) => provided(Task::Remove(options)),
        Command::Update(options) => provided(Task::Update(options)),
        Command::Help(options) => cli::answers::help(context.report, options),
        Command::Version(options) => cli::answers::version(context.report, context.build.info, options),
        Command::Completions(options) => cli::answers::completions(context.report, options),
        Command::Man(options) => cli::answers::man(&context.environment.cwd, options),
    }
}
