//! The bundle: `runtime.Engine@1` (see `api.toml`) by means of this library.

#[rustfmt::skip] // Generated: it stays as polyplugc writes it.
mod guest;
mod system_strings;

use std::path::Path;

use guest::{CallError, Engine, Host, Plugin, Surroundings, TestOptions};
use system_strings::from_bytes;

use crate::run::Failure;
use crate::settings::{ReplSettings, Settings, TestSettings};

/// The one instance: it has nothing of its own, since every run has its own world.
#[derive(Debug)]
struct QuickJs;

impl Plugin for QuickJs {
    fn new(_host: Host<'static>) -> Result<Self, CallError> {
        Ok(Self)
    }
}

impl Engine for QuickJs {
    fn run_file(&self, surroundings: &Surroundings, file: &[u8], args: &[&[u8]]) -> Result<i32, CallError> {
        let file = from_bytes(file)?;
        ended(crate::run_file(&settings(surroundings)?, Path::new(&file), &all(args)?))
    }

    fn evaluate(&self, surroundings: &Surroundings, code: &str, args: &[&[u8]], print: bool) -> Result<i32, CallError> {
        ended(crate::evaluate(&settings(surroundings)?, code, &all(args)?, print))
    }

    fn repl(&self, surroundings: &Surroundings, args: &[&[u8]], history: &[u8]) -> Result<i32, CallError> {
        let history = if history.is_empty() { None } else { Some(from_bytes(history)?.into()) };
        ended(crate::repl(&settings(surroundings)?, &all(args)?, &ReplSettings { history }))
    }

    fn test(&self, surroundings: &Surroundings, options: &TestOptions) -> Result<i32, CallError> {
        let folder = from_bytes(&options.folder)?;
        let chosen = TestSettings {
            filters: options.filters.iter().map(|filter| from_bytes(filter)).collect::<Result<_, _>>()?,
            name_pattern: Some(options.name_pattern.clone()).filter(|pattern| !pattern.is_empty()),
            timeout: options.timeout,
            bail: options.bail,
            rerun_each: options.rerun_each,
            only: options.only,
            todo: options.todo,
        };
        ended(crate::test(&settings(surroundings)?, Path::new(&folder), &chosen))
    }
}

fn settings(surroundings: &Surroundings) -> Result<Settings, CallError> {
    let pair = |variable: &guest::Variable| Ok((from_bytes(&variable.name)?, from_bytes(&variable.value)?));
    Ok(Settings {
        executable: from_bytes(&surroundings.executable)?,
        environment: surroundings.environment.iter().map(pair).collect::<Result<_, CallError>>()?,
        preload: surroundings.preload.iter().map(|module| from_bytes(module)).collect::<Result<_, _>>()?,
        memory_limit: usize::try_from(surroundings.memory_limit).unwrap_or(usize::MAX),
        frugal: surroundings.frugal,
    })
}

fn all(args: &[&[u8]]) -> Result<Vec<std::ffi::OsString>, CallError> {
    args.iter().map(|arg| from_bytes(arg)).collect()
}

fn ended(result: Result<i32, Failure>) -> Result<i32, CallError> {
    result.map_err(|failure| CallError::from(failure.to_string()))
}

polyplug_bindings::export_bundle!(guest::bundle::<QuickJs>);
