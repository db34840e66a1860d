//! The functions that the engine's own JavaScript calls: the import `internal:native`. Scripts never see them.

mod files;
mod modules;
mod process;
mod tests;
mod text;

use std::rc::Rc;

use rquickjs::{Ctx, Function, Object, Result};

use crate::reflection;
use crate::state::State;

/// The name under which the functions wait for the module that takes them away.
pub(crate) const HANDOVER: &str = "internal:native";

/// Makes all of them and lays them ready.
pub(crate) fn install(ctx: &Ctx<'_>, state: &Rc<State>) -> Result<()> {
    let native = Object::new(ctx.clone())?;
    process::install(ctx, state, &native)?;
    files::install(ctx, &native)?;
    modules::install(ctx, state, &native)?;
    tests::install(ctx, state, &native)?;
    text::install(ctx, &native)?;
    native.set("kind", Function::new(ctx.clone(), reflection::kind)?)?;
    native.set("proxyTarget", Function::new(ctx.clone(), reflection::proxy_target)?)?;
    native.set("promiseState", Function::new(ctx.clone(), reflection::promise_state)?)?;
    let hooked = Rc::clone(state);
    native.set("setHooks", Function::new(ctx.clone(), move |ctx, hooks| set_hooks(&hooked, &ctx, hooks))?)?;
    ctx.globals().set(HANDOVER, native)
}

fn set_hooks<'js>(state: &State, ctx: &Ctx<'js>, hooks: Object<'js>) {
    state.set_hooks(ctx, hooks);
}
