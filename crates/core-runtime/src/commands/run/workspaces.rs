//! `run` in several packages of a workspace: one after the other so that each comes after those it depends on,
//! or all at once.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use super::{Error, chain, script};
use crate::cli::RunOptions;
use crate::context::Context;
use crate::error::Result;
use crate::exit::Ending;
use crate::nearest::nearest;
use crate::package::filter::Filters;
use crate::package::workspace::{Member, Workspace};
use crate::process::{self, Program};

pub(super) fn run(context: &Context, options: &RunOptions, name: &OsStr, args: &[OsString]) -> Result<Ending> {
    let (workspace, chosen) = chosen(context, options)?;
    let packages = chosen.len();
    let mut with_script = BTreeSet::new();
    for index in chosen {
        let package = &workspace.members()[index].package;
        // The script that called us is running: it is asking for the others'.
        let calls_us = |name: &str| chain::contains(&context.variables, package.folder(), name);
        if name.to_str().is_some_and(|name| !calls_us(name) && !matches!(package.script(name), Ok(None))) {
            with_script.insert(index);
        }
    }
    let Some(name) = name.to_str().filter(|_| !with_script.is_empty()) else {
        return if options.if_present {
            Ok(Ending::SUCCESS)
        } else {
            Err(no_such_script(&workspace, packages, name).into())
        };
    };
    if options.parallel {
        let members = with_script.iter().map(|&index| &workspace.members()[index]);
        return at_once(context, options, members, name, args);
    }
    let mut first_failure = Ending::SUCCESS;
    for index in workspace.ordered(&with_script)? {
        let member = &workspace.members()[index];
        context.report.note(format_args!("{} ({})", member.label(), member.relative));
        let ending = script::run(context, &member.package, name, args)?;
        if !ending.is_success() {
            context.report.note(failure(member.label(), ending));
            first_failure = if first_failure.is_success() { ending } else { first_failure };
            // Whoever sent the signal meant the whole run.
            if !options.no_exit_on_error || matches!(ending, Ending::Signal(_)) {
                break;
            }
        }
    }
    Ok(first_failure)
}

/// The workspace, and which of its members are meant; at least one.
pub(super) fn chosen(context: &Context, options: &RunOptions) -> Result<(Workspace, BTreeSet<usize>)> {
    let cwd = &context.environment.cwd;
    let workspace = Workspace::find(cwd)?;
    let filters = Filters::parse(&options.filter, cwd)?;
    let members = workspace.members().iter().enumerate();
    let chosen: BTreeSet<usize> =
        members.filter(|(_, member)| filters.match_member(member)).map(|(index, _)| index).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = workspace.members().iter().map(Member::label).collect();
        let nearest =
            options.filter.iter().flat_map(|pattern| nearest(pattern, names.iter().copied())).map(str::to_owned);
        let patterns = if options.filter.is_empty() { vec!["--workspaces".to_owned()] } else { options.filter.clone() };
        return Err(Error::NothingMatches { patterns, nearest: nearest.collect() }.into());
    }
    Ok((workspace, chosen))
}

fn no_such_script(workspace: &Workspace, packages: usize, name: &OsStr) -> Error {
    let scripts = workspace.members().iter().filter_map(|member| member.package.scripts().ok()).flatten();
    let names: BTreeSet<&str> = scripts.map(|script| script.name).collect();
    let name = name.to_string_lossy().into_owned();
    let nearest = nearest(&name, names).into_iter().map(str::to_owned).collect();
    Error::NoSuchScript { name, packages, nearest }
}

fn at_once<'a>(
    context: &Context,
    options: &RunOptions,
    members: impl Iterator<Item = &'a Member>,
    name: &str,
    args: &[OsString],
) -> Result<Ending> {
    let programs: Vec<(String, Program)> = members
        .map(|member| Ok((member.label().to_owned(), program(context, member, name, args)?)))
        .collect::<Result<_>>()?;
    let limit = programs.len();
    let say = |label: &str, line: &[u8]| context.report.labelled(label, line);
    let mut result = Ok(Ending::SUCCESS);
    for (label, ending) in process::run_labelled(programs, limit, options.no_exit_on_error, &say) {
        match ending {
            Ok(ending) if ending.is_success() => {}
            Ok(ending) => {
                context.report.note(failure(&label, ending));
                // One that died of a failing one's end has a signal: the code of the failing one says more.
                if matches!(result, Ok(Ending::SUCCESS)) {
                    result = Ok(ending);
                }
            }
            Err(error @ process::Error::Cancelled { .. }) => context.report.note(format_args!("{label}: {error}")),
            Err(error) => result = Err(error.into()),
        }
    }
    result
}

/// One program for a script and those around it: with those, a run of our own keeps their order.
fn program(context: &Context, member: &Member, name: &str, args: &[OsString]) -> Result<Program> {
    let package = &member.package;
    let variables = script::variables(context, package)?;
    match script::stages(package, name, args)?.as_slice() {
        [stage] => script::program(package, stage, variables),
        _ => {
            let exe =
                std::env::current_exe().map_err(|source| Error::Unreadable { path: "rust-bun".into(), source })?;
            let program = Program::new(exe, package.folder(), context.variables.clone());
            // Files of variables were read for this run already.
            Ok(program.args(["run", "--no-env-file", "--silent", "--", name]).args(args.iter().cloned()))
        }
    }
}

fn failure(label: &str, ending: Ending) -> String {
    match ending {
        Ending::Code(code) => format!("{label}: exited with {code}"),
        Ending::Signal(signal) => format!("{label}: ended by signal {signal}"),
    }
}
