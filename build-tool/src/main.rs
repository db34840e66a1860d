//! The program: parse, run, exit.

use std::process::ExitCode;

use build_tool::report::{self, Reporter};
use build_tool::{cli::Cli, commands, exit, tool::guard, toolchain::roles};
use clap::Parser;

fn main() -> ExitCode {
    if guard::entry() {
        return ExitCode::from(exit::DONE);
    }
    if let Some(played) = roles::play() {
        report::role_says(&played.says);
        return ExitCode::from(if played.failed { exit::STEP_FAILED } else { exit::DONE });
    }
    let cli = Cli::parse();
    let reporter = Reporter::new(&cli);
    match commands::run(&cli, &reporter) {
        Ok(code) if reporter.all_written() => ExitCode::from(code),
        Ok(_) => ExitCode::from(exit::STEP_FAILED),
        Err(error) => {
            reporter.error(error.to_show(), &error.commands(), exit::code(&error));
            exit::exit_code(&error)
        }
    }
}
