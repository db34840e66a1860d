//! What the runner of tests tells the engine.

use std::rc::Rc;
use std::time::Duration;

use rquickjs::{Ctx, Function, Object, Result};

use crate::state::{Progress, State};

pub(super) fn install<'js>(ctx: &Ctx<'js>, state: &Rc<State>, native: &Object<'js>) -> Result<()> {
    let told = Rc::clone(state);
    let progress = move |running: String, passed, failed, skipped, todo| {
        let counts = [passed, failed, skipped, todo];
        *told.progress.borrow_mut() = Progress { running, counts, interrupted: false };
    };
    native.set("progress", Function::new(ctx.clone(), progress)?)?;
    let limited = Rc::clone(state);
    // Milliseconds; 0: as long as it likes.
    let stretch =
        move |most: f64| limited.set_stretch((most > 0.0).then(|| Duration::from_secs_f64(most.min(1e12) / 1e3)));
    native.set("setStretch", Function::new(ctx.clone(), stretch)?)
}
