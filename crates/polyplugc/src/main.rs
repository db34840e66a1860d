//! The program: parse, run, print, exit.

use std::process::ExitCode;

use clap::Parser;
use polyplugc::cli::Cli;
use polyplugc::{commands, report};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(&cli) {
        Ok(outcome) => report::outcome(&outcome, cli.quiet),
        Err(error) => report::error(&error),
    }
}
