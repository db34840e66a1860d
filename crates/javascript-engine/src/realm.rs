//! One JavaScript world: made, used by one run, and taken down with everything in it.

use std::rc::Rc;

use rquickjs::{Context, Ctx, Runtime};

use crate::Failure;
use crate::modules::{self, Finder};
use crate::native;
use crate::state::State;

/// The stack of the thread that a run has.
pub(crate) const STACK: usize = 16 * 1024 * 1024;
/// How much of it scripts may use: the rest is for what they call.
const SCRIPT_STACK: usize = 12 * 1024 * 1024;
/// When a frugal run collects garbage for the first time, in bytes; otherwise QuickJS decides.
const FRUGAL: usize = 64 * 1024;

/// Makes a world, lets `work` use it, and takes it down.
///
/// # Errors
///
/// There is not enough memory even for the engine's own code.
pub(crate) fn with<T>(state: &Rc<State>, work: impl FnOnce(&Ctx<'_>) -> T) -> Result<T, Failure> {
    let runtime = Runtime::new().map_err(|_| Failure::NoMemory)?;
    runtime.set_max_stack_size(SCRIPT_STACK);
    runtime.set_memory_limit(state.settings.memory_limit);
    if state.settings.frugal {
        runtime.set_gc_threshold(FRUGAL);
    }
    runtime.set_loader(Finder(Rc::clone(state)), Finder(Rc::clone(state)));
    let interrupted = Rc::clone(state);
    runtime.set_interrupt_handler(Some(Box::new(move || interrupted.interrupt())));
    let tracked = Rc::clone(state);
    runtime.set_host_promise_rejection_tracker(Some(Box::new(move |ctx, promise, reason, handled| {
        let told = tracked.hook(&ctx, "rejection").and_then(|hook| hook.call::<_, ()>((promise, reason, handled)));
        if let Err(error) = told {
            tracked.fatal(&ctx, &error);
        }
    })));
    let world = World { context: Context::full(&runtime).map_err(|_| Failure::NoMemory)?, runtime, state };
    world.context.with(|ctx| {
        let ready = native::install(&ctx, state).and_then(|()| modules::import_own(&ctx, "internal:bootstrap"));
        match ready {
            Ok(_) => Ok(work(&ctx)),
            Err(_) => {
                let thrown = ctx.catch();
                let why = thrown.as_exception().map(ToString::to_string).unwrap_or_default();
                // With little memory there is often none for the error to say so; without a limit this code is sound.
                let limited = state.settings.memory_limit > 0;
                Err(if limited || why.contains("out of memory") || thrown.is_null() {
                    Failure::NoMemory
                } else {
                    Failure::Engine(why)
                })
            }
        }
    })
}

/// What has to be taken down in order, even where a panic ends the run.
struct World<'a> {
    context: Context,
    runtime: Runtime,
    state: &'a State,
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        // What JavaScript and this side hold of each other has to go before the runtime does, which is the last.
        self.state.forget_hooks();
        self.runtime.set_host_promise_rejection_tracker(None);
        self.runtime.set_interrupt_handler(None);
    }
}
