//! The event loop: runs what is due in the order of Node.js, sleeps until something is, and ends when nothing can be.

use std::time::Duration;

use rquickjs::{Ctx, IntoJs, TypedArray, Value};

use crate::input;
use crate::state::State;

/// The longest time that is slept at once: what scripts make of clocks is no reason to fail.
const LONGEST: Duration = Duration::from_hours(24);
/// How long it takes at most until Ctrl-C ends the waiting of something that it may end.
const WATCH: Duration = Duration::from_millis(50);

/// What comes first after a piece of script has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    /// Functions of `process.nextTick`.
    Ticks,
    /// Reactions to promises.
    Jobs,
}

/// Runs until nothing is left, and gives the exit code.
pub(crate) fn run(ctx: &Ctx<'_>, state: &State, first: First) -> i32 {
    settle(ctx, state, first);
    loop {
        turns(ctx, state, || true);
        if state.ending().is_none() {
            // `beforeExit` may give it something to do.
            state.call::<()>(ctx, "beforeExit");
            settle(ctx, state, First::Ticks);
        }
        if state.ending().is_some() || !pending(ctx, state) {
            break;
        }
    }
    finish(ctx, state)
}

/// Ends a run that was not ended otherwise, and gives the exit code. What still waits is given up.
pub(crate) fn finish(ctx: &Ctx<'_>, state: &State) -> i32 {
    if state.ending().is_none() {
        let code = state.call::<i32>(ctx, "finish");
        state.end(code);
    }
    state.ending().unwrap_or(1)
}

/// Runs as long as a hook says that it is needed, or until nothing is left.
pub(crate) fn run_while(ctx: &Ctx<'_>, state: &State, first: First, needed: &str) {
    settle(ctx, state, first);
    turns(ctx, state, || state.call(ctx, needed));
}

/// Whether there is anything to wait for.
fn pending(ctx: &Ctx<'_>, state: &State) -> bool {
    state.reading.get() || state.call::<f64>(ctx, "wait") >= 0.0
}

/// Turns of the loop: timers, input, immediates, until nothing is left or they are no longer needed.
fn turns(ctx: &Ctx<'_>, state: &State, needed: impl Fn() -> bool) {
    while state.ending().is_none() && needed() {
        while state.ending().is_none() && state.call::<bool>(ctx, "runTimer") {
            settle(ctx, state, First::Ticks);
        }
        if state.ending().is_some() || state.is_broken_off() {
            return;
        }
        // Milliseconds until a timer is due; 0: an immediate waits; below 0: nothing does.
        let wait = state.call::<f64>(ctx, "wait");
        let time = (wait >= 0.0).then(|| Duration::try_from_secs_f64(wait / 1000.0).unwrap_or(LONGEST).min(LONGEST));
        let reading = state.reading.get();
        if !reading && time.is_none() {
            return;
        }
        let most = if state.can_be_broken_off() { Some(time.unwrap_or(WATCH).min(WATCH)) } else { time };
        if input::wait(reading, most) {
            take_input(ctx, state);
        }
        for _ in 0..state.call::<u32>(ctx, "takeImmediates") {
            if state.ending().is_some() {
                return;
            }
            state.call::<()>(ctx, "runImmediate");
            settle(ctx, state, First::Ticks);
        }
    }
}

/// Hands on what standard input has, or that it has ended.
fn take_input(ctx: &Ctx<'_>, state: &State) {
    // An input that cannot be read has ended, too.
    let chunk = input::read().unwrap_or_default();
    let handed = if chunk.is_empty() {
        state.reading.set(false);
        Ok(Value::new_null(ctx.clone()))
    } else {
        TypedArray::<u8>::new(ctx.clone(), chunk).and_then(|chunk| chunk.into_js(ctx))
    };
    let told = handed.and_then(|chunk| state.hook(ctx, "input")?.call::<_, ()>((chunk,)));
    if let Err(error) = told {
        state.fatal(ctx, &error);
    }
    settle(ctx, state, First::Ticks);
}

/// Runs what has to run before anything else does: ticks, reactions to promises, and word of those that nobody handles.
fn settle(ctx: &Ctx<'_>, state: &State, first: First) {
    let mut turn = first;
    while state.ending().is_none() {
        let ran = match turn {
            First::Ticks => state.call::<bool>(ctx, "runTicks"),
            First::Jobs => false,
        };
        while state.ending().is_none() && ctx.execute_pending_job() {
            state.begin_stretch();
        }
        let again = state.ending().is_none() && (turn == First::Jobs || ran || state.call::<bool>(ctx, "rejections"));
        turn = First::Ticks;
        if !again {
            return;
        }
    }
}
