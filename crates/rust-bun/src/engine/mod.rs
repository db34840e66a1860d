//! JavaScript by a bundle that provides `runtime.Engine@1`. Nothing is looked for, let alone loaded, before a task needs
//! it.

#![allow(unsafe_code)] // A bundle is native code of somebody else's: running it is the point.

#[rustfmt::skip] // It stays as polyplugc writes it.
mod host;
mod loaded;
mod options;
mod system_strings;

use std::path::PathBuf;

use core_runtime::context::Context;
use core_runtime::environment::{EnvironmentVariables, data_folder};
use core_runtime::error::Result;
use core_runtime::exit::Ending;
use core_runtime::providers::{Need, NoProvider, Provider, ProviderError, Task};

use crate::bundles::list;
use host::{CallError, EngineCaller, Surroundings, TestOptions, Variable};
use loaded::Loaded;
use system_strings::to_bytes;

/// What the engine provides.
const CONTRACT: &str = "runtime.Engine";
const MAJOR: u16 = 1;

/// Runs JavaScript with the first bundle that can.
#[derive(Clone, Copy, Debug, Default)]
pub struct EngineBundle;

impl Provider for EngineBundle {
    fn name(&self) -> &str {
        "a bundle with a JavaScript engine"
    }

    fn takes(&self, need: Need) -> bool {
        need == Need::Engine
    }

    fn perform(&self, context: &Context, task: Task<'_>) -> Result<Ending> {
        let listing = list(context);
        let Some((bundle, manifest)) =
            listing.provider_of(CONTRACT, MAJOR).and_then(|bundle| Some((bundle, bundle.taken()?)))
        else {
            return Err(listing.no_provider(&task, &format!("{CONTRACT}@{MAJOR}")).into());
        };
        let name = format!("the bundle {}@{}", manifest.name, manifest.version);
        options::check(&task, &name)?;
        let surroundings = surroundings(context, &task)?;
        let code = options::code(&task)?;

        let unloadable = |why: String| ProviderError::Unloadable {
            task: task.to_string(),
            provider: format!("{name} in {}", bundle.path.display()),
            why,
        };
        let loaded = Loaded::new(&listing, bundle).map_err(|error| unloadable(error.to_string()))?;
        let engine = loaded.open().map_err(|error| unloadable(error.to_string()))?;
        let ended = perform(&engine, context, &task, &surroundings, code)?;
        let failed = |error: CallError| ProviderError::Failed { task: task.to_string(), why: error.to_string() };
        Ok(Ending::Code(ended.map_err(failed)?))
    }
}

/// Has the task done by the engine.
fn perform(
    engine: &EngineCaller<'_>,
    context: &Context,
    task: &Task<'_>,
    surroundings: &Surroundings,
    code: Option<(&str, bool)>,
) -> Result<Result<i32, CallError>> {
    let bytes = |args: &[std::ffi::OsString]| args.iter().map(|arg| to_bytes(arg)).collect::<Vec<_>>();
    Ok(match task {
        Task::RunFile { file, args, .. } => {
            let args = bytes(args);
            let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
            engine.run_file(surroundings, &to_bytes(file.as_os_str()), &args)
        }
        Task::Repl(options) => {
            let args = bytes(&options.args);
            let args: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
            match code {
                Some((code, print)) => engine.evaluate(surroundings, code, &args, print),
                None => engine.repl(surroundings, &args, &to_bytes(history(context).unwrap_or_default().as_os_str())),
            }
        }
        Task::Test(options) => engine.test(
            surroundings,
            &TestOptions {
                folder: to_bytes(context.environment.cwd.as_os_str()),
                filters: bytes(&options.filters),
                name_pattern: options.test_name_pattern.clone().unwrap_or_default(),
                timeout: options.timeout,
                bail: options.bail.unwrap_or(0),
                rerun_each: options.rerun_each.unwrap_or(1),
                only: options.only,
                todo: options.todo,
            },
        ),
        // `options::check` has refused the others.
        other => return Err(NoProvider::of(other).into()),
    })
}

/// Where what is typed in the REPL is kept; nowhere for a user without a home.
fn history(context: &Context) -> Option<PathBuf> {
    data_folder(&context.variables).ok().map(|folder| folder.join("repl-history"))
}

fn surroundings(context: &Context, task: &Task<'_>) -> Result<Surroundings> {
    let engine = options::engine(task);
    let executable = std::env::current_exe().unwrap_or_else(|_| "rust-bun".into());
    let variable = |(name, value)| Variable { name: to_bytes(name), value: to_bytes(value) };
    Ok(Surroundings {
        executable: to_bytes(executable.as_os_str()),
        environment: context.variables.iter().map(variable).collect(),
        preload: engine
            .map(|engine| engine.preload.iter().map(|module| to_bytes(module)).collect())
            .unwrap_or_default(),
        memory_limit: memory_limit(&EnvironmentVariables::of(&context.variables))?,
        frugal: engine.is_some_and(|engine| engine.smol),
    })
}

/// In bytes; 0: none.
fn memory_limit(variables: &EnvironmentVariables) -> Result<u64, ProviderError> {
    let Some(text) = variables.memory_limit.as_deref().filter(|text| !text.is_empty()) else { return Ok(0) };
    let bytes = text.trim().parse::<u64>().ok().and_then(|mebibytes| mebibytes.checked_mul(1024 * 1024));
    bytes.ok_or_else(|| ProviderError::Value {
        what: "RUST_BUN_MEMORY_LIMIT".to_owned(),
        value: text.to_owned(),
        wanted: "a number of MiB, as in 512; 0 for no limit".to_owned(),
    })
}
