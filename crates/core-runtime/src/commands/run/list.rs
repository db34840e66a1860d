//! `run` without a name: which scripts there are.

use crate::cli::RunOptions;
use crate::context::Context;
use crate::error::Result;
use crate::exit::Ending;
use crate::package::{PackageJson, folders};

pub(super) fn of_package(context: &Context) -> Result<Ending> {
    let package = folders::project(&context.environment.cwd)?;
    if package.scripts()?.is_empty() {
        context.report.note(format_args!("{} has no scripts", package.path().display()));
        context.report.note("add one with `rust-bun pm pkg set scripts.build=\"…\"`");
    } else {
        context.report.result(table(&package)?)?;
    }
    Ok(Ending::SUCCESS)
}

pub(super) fn of_workspace(context: &Context, options: &RunOptions) -> Result<Ending> {
    let (workspace, chosen) = super::workspaces::chosen(context, options)?;
    for index in chosen {
        let member = &workspace.members()[index];
        if !member.package.scripts()?.is_empty() {
            context.report.result(format_args!("{}\n{}", member.label(), table(&member.package)?))?;
        }
    }
    Ok(Ending::SUCCESS)
}

/// Names beside what they run, in the file's order. A line break in a script stays visible as one.
fn table(package: &PackageJson) -> Result<String> {
    let scripts = package.scripts()?;
    let width = scripts.iter().map(|script| script.name.chars().count()).max().unwrap_or_default();
    let line = |name: &str, text: &str| format!("  {name:width$}  {}", text.replace('\n', "\\n"));
    Ok(scripts.iter().map(|script| line(script.name, script.text)).collect::<Vec<_>>().join("\n"))
}
