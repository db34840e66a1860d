//! A script of a package.json, with the scripts before and after it.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::{chain, variables_for};
use crate::context::Context;
use crate::environment::Variables;
use crate::error::Result;
use crate::exit::Ending;
use crate::package::PackageJson;
use crate::process::{self, Program};

/// One line for the shell.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stage<'a> {
    /// `build`, or `prebuild`, or `postbuild`.
    event: String,
    line: &'a str,
    args: &'a [OsString],
}

impl Stage<'_> {
    /// As its user would have typed it, for the eye only.
    pub(super) fn shown(&self) -> String {
        self.args.iter().fold(self.line.to_owned(), |line, arg| format!("{line} {}", arg.to_string_lossy()))
    }
}

/// A script with what package.json has before and after it; empty where there is no such script.
/// Arguments are for the script alone.
pub(crate) fn stages<'a>(package: &'a PackageJson, name: &str, args: &'a [OsString]) -> Result<Vec<Stage<'a>>> {
    let mut stages = Vec::new();
    let Some(main) = package.script(name)? else { return Ok(stages) };
    let hook = |prefix: &str| -> Result<Option<Stage<'a>>> {
        let event = format!("{prefix}{name}");
        Ok(package.script(&event)?.map(|line| Stage { event, line, args: &[] }))
    };
    stages.extend(hook("pre")?);
    stages.push(Stage { event: name.to_owned(), line: main, args });
    stages.extend(hook("post")?);
    Ok(stages)
}

/// Runs one script without those around it; nothing where there is no such script.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn run_alone(context: &Context, package: &PackageJson, event: &str) -> Result<Ending> {
    let Some(line) = package.script(event)? else { return Ok(Ending::SUCCESS) };
    run_stage(context, package, &Stage { event: event.to_owned(), line, args: &[] }, variables(context, package)?)
}

/// Runs a script and those around it, one after the other, up to the first that does not succeed.
///
/// # Errors
///
/// It is in a circle, or the shell does not start.
pub(crate) fn run(context: &Context, package: &PackageJson, name: &str, args: &[OsString]) -> Result<Ending> {
    let variables = variables(context, package)?;
    for stage in stages(package, name, args)? {
        let ending = run_stage(context, package, &stage, variables.clone())?;
        if !ending.is_success() {
            return Ok(ending);
        }
    }
    Ok(Ending::SUCCESS)
}

fn run_stage(context: &Context, package: &PackageJson, stage: &Stage<'_>, variables: Variables) -> Result<Ending> {
    let program = program(package, stage, variables)?;
    context.report.note(format_args!("$ {}", stage.shown()));
    Ok(process::run(&program)?)
}

/// What all scripts of a package get: its commands first on PATH, and what npm tells scripts.
pub(super) fn variables(context: &Context, package: &PackageJson) -> Result<Variables> {
    let mut variables = variables_for(context, package.folder());
    variables.set("npm_command", "run-script");
    variables.set("npm_package_json", package.path());
    variables.set("INIT_CWD", &context.environment.cwd);
    // A name that is not a text does not keep a script from running.
    for (variable, value) in [("npm_package_name", package.name()), ("npm_package_version", package.version())] {
        match value.ok().flatten() {
            Some(value) => variables.set(variable, value),
            // That of a script that called us is another package's.
            None => variables.remove(variable),
        }
    }
    Ok(variables)
}

/// The shell with the stage's line, in the package's folder.
pub(super) fn program(package: &PackageJson, stage: &Stage<'_>, mut variables: Variables) -> Result<Program> {
    chain::extended(&mut variables, package.folder(), &stage.event)?;
    variables.set("npm_lifecycle_event", &stage.event);
    variables.set("npm_lifecycle_script", stage.line);
    Ok(Program::script(OsStr::new(stage.line), stage.args, Path::new(package.folder()), variables)?)
}
