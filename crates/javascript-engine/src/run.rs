//! The ways in: a file, a piece of code. Each run has a thread and a JavaScript world of its own.

use std::ffi::OsString;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::rc::Rc;
use std::thread;

use rquickjs::{Ctx, Value};

use crate::event_loop::First;
use crate::settings::Settings;
use crate::state::State;
use crate::{event_loop, realm, strings};

/// Why a run did not even begin. What a script does wrong is no failure: the engine says it on standard error, and the
/// exit code tells.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// There is not enough memory for the engine's own code.
    NoMemory,
    /// The system gives no thread.
    NoThread(String),
    /// The engine itself is wrong.
    Engine(String),
    /// What it is asked for cannot be meant.
    Unusable(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoMemory => f.write_str("there is not enough memory for the JavaScript engine"),
            Self::NoThread(why) => write!(f, "the system gives no thread for the JavaScript engine: {why}"),
            Self::Engine(why) => write!(f, "the JavaScript engine is broken: {why}"),
            Self::Unusable(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Failure {}

/// Runs a file to its end and gives the exit code.
///
/// # Errors
///
/// It did not begin.
pub fn run_file(settings: &Settings, file: &Path, args: &[OsString]) -> Result<i32, Failure> {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let mut all = vec![file.clone().into_os_string()];
    all.extend_from_slice(args);
    apart(settings, all, move |ctx, state| {
        let first = start(ctx, state, "runFile", |ctx| Ok(vec![strings::to_js(ctx, file.as_os_str())?]));
        event_loop::run(ctx, state, first)
    })
}

/// Runs a piece of code: a module, or with `print` a script, whose value is printed. Gives the exit code.
///
/// # Errors
///
/// It did not begin.
pub fn evaluate(settings: &Settings, code: &str, args: &[OsString], print: bool) -> Result<i32, Failure> {
    let code = code.to_owned();
    apart(settings, args.to_vec(), move |ctx, state| {
        let first = start(ctx, state, "evaluate", |ctx| {
            Ok(vec![strings::to_js(ctx, code.as_ref())?, Value::new_bool(ctx.clone(), print)])
        });
        event_loop::run(ctx, state, first)
    })
}

/// Calls a hook that begins the run. What is to be done first when it has begun.
pub(crate) fn start<'js>(
    ctx: &Ctx<'js>,
    state: &State,
    name: &str,
    args: impl FnOnce(&Ctx<'js>) -> rquickjs::Result<Vec<Value<'js>>>,
) -> First {
    let args = args(ctx).map(rquickjs::function::Rest);
    let begun = args.and_then(|args| state.hook(ctx, name)?.call((args,)));
    match begun {
        Ok(true) => First::Ticks,
        Ok(false) => First::Jobs,
        Err(error) => {
            state.fatal(ctx, &error);
            First::Jobs
        }
    }
}

/// Does `work` in a world of its own, on a thread with a stack of a known size. A panic is a failure.
pub(crate) fn apart<T: Send>(
    settings: &Settings,
    args: Vec<OsString>,
    work: impl FnOnce(&Ctx<'_>, &Rc<State>) -> T + Send,
) -> Result<T, Failure> {
    let run = || {
        let state = State::new(settings.clone(), args);
        realm::with(&state, |ctx| work(ctx, &state))
    };
    thread::scope(|scope| {
        let builder = thread::Builder::new().name("javascript".to_owned()).stack_size(realm::STACK);
        let started = builder.spawn_scoped(scope, || panic::catch_unwind(AssertUnwindSafe(run)));
        let thread = started.map_err(|error| Failure::NoThread(error.to_string()))?;
        match thread.join() {
            Ok(Ok(result)) => result,
            Ok(Err(payload)) | Err(payload) => Err(Failure::Engine(said(payload.as_ref()))),
        }
    })
}

fn said(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned()
}
