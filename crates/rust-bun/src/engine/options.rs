//! What the command line asks of an engine, as far as `runtime.Engine@1` has it. What it has not is an error: nobody is to
//! believe that an option did something.

use core_runtime::cli::{EngineOptions, TestOptions};
use core_runtime::error::Result;
use core_runtime::providers::{NoProvider, ProviderError, Task};

/// The options for the engine that a task has.
pub(super) fn engine<'a>(task: &Task<'a>) -> Option<&'a EngineOptions> {
    match task {
        Task::RunFile { options, .. } => Some(options),
        Task::Test(options) => Some(&options.engine),
        Task::Repl(options) => Some(&options.engine),
        _ => None,
    }
}

/// Refuses what the engine does not do.
pub(super) fn check(task: &Task<'_>, name: &str) -> Result<()> {
    if let Task::Build(_) = task {
        let remedy = format!("{name} runs JavaScript, but bundles none for browsers: use another bundler for that");
        return Err(NoProvider { remedy, ..NoProvider::of(task) }.into());
    }
    let mut asked = engine(task).map(of_engine).unwrap_or_default();
    if let Task::Test(options) = task {
        asked.extend(of_test(options));
    }
    if asked.is_empty() {
        return Ok(());
    }
    let unsupported = ProviderError::Unsupported {
        task: task.to_string(),
        provider: name.to_owned(),
        what: asked.join(", "),
        remedy: "leave that out, or install another bundle that provides runtime.Engine@1".to_owned(),
    };
    Err(unsupported.into())
}

fn of_engine(options: &EngineOptions) -> Vec<&'static str> {
    // Taken apart, so that a new option needs a decision.
    let EngineOptions { watch, hot, preload: _, define, loader, conditions, tsconfig_override, smol: _, inspect } =
        options;
    let all = [
        (*watch, "--watch"),
        (*hot, "--hot"),
        (!define.is_empty(), "--define"),
        (!loader.is_empty(), "--loader"),
        (!conditions.is_empty(), "--conditions"),
        (tsconfig_override.is_some(), "--tsconfig-override"),
        (inspect.is_some(), "--inspect"),
    ];
    all.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, name)| name).collect()
}

fn of_test(options: &TestOptions) -> Vec<&'static str> {
    let all = [(options.update_snapshots, "--update-snapshots"), (options.coverage, "--coverage")];
    all.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, name)| name).collect()
}

/// The code that stands on the command line, and whether its value is to be printed.
pub(super) fn code<'a>(task: &Task<'a>) -> Result<Option<(&'a str, bool)>> {
    let Task::Repl(options) = task else { return Ok(None) };
    let (code, print) = match (&options.eval, &options.print) {
        (Some(code), _) => (code, false),
        (None, Some(code)) => (code, true),
        (None, None) => return Ok(None),
    };
    let unusable = || ProviderError::Value {
        what: "JavaScript on the command line".to_owned(),
        value: code.to_string_lossy().into_owned(),
        wanted: "code has to be UTF-8".to_owned(),
    };
    Ok(Some((code.to_str().ok_or_else(unusable)?, print)))
}
