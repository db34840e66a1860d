//! The rust-bun program: for now, what it says of itself.

use clap::{CommandFactory, Parser};
use std::io::{self, Write};

/// A runtime written in Rust.
#[derive(Parser)]
#[command(name = "rust-bun", arg_required_else_help = true)]
struct Arguments {
    /// Print the version
    #[arg(short = 'V', long)]
    version: bool,

    /// With --version: print everything known about this build
    #[arg(long, requires = "version")]
    verbose: bool,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let mut out = io::stdout().lock();
    if !arguments.version {
        return write!(out, "{}", Arguments::command().render_help());
    }
    let info = build_info::build_info!();
    if !arguments.verbose {
        return writeln!(out, "rust-bun {}", info.version);
    }
    build_info::Field::ALL
        .iter()
        .zip(info.fields())
        .try_for_each(|(field, value)| writeln!(out, "{}: {value}", field.name()))
}
