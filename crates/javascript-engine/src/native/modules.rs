//! Code in other forms than modules: scripts, and the functions that CommonJS modules are.

use std::rc::Rc;

use rquickjs::context::EvalOptions;
use rquickjs::{Ctx, Function, Object, Result, String as JsString, Value};

use crate::state::State;
use crate::{modules, strings};

pub(super) fn install<'js>(ctx: &Ctx<'js>, state: &Rc<State>, native: &Object<'js>) -> Result<()> {
    let names = Rc::clone(state);
    let run = move |ctx, code, path, awaits| run_script(&names, &ctx, &code, &path, awaits);
    native.set("runScript", Function::new(ctx.clone(), run)?)?;
    let named = Rc::clone(state);
    // What `import()` can take for a path of any bytes.
    let name = move |path: JsString<'js>| named.module_name(strings::os_string(&path).into());
    native.set("moduleName", Function::new(ctx.clone(), name)?)?;
    native.set("builtins", Function::new(ctx.clone(), || modules::builtin_names().collect::<Vec<_>>())?)?;
    let preload = Rc::clone(state);
    native.set("preload", Function::new(ctx.clone(), move |ctx| preloaded(&preload, &ctx))?)
}

/// The modules that come before others.
fn preloaded<'js>(state: &State, ctx: &Ctx<'js>) -> Result<Vec<Value<'js>>> {
    state.settings.preload.iter().map(|name| strings::to_js(ctx, name)).collect()
}

/// Runs a script in the global scope. With `awaits` it may use `await`, and what comes back is a promise of `{ value }`.
fn run_script<'js>(
    state: &State,
    ctx: &Ctx<'js>,
    code: &JsString<'js>,
    path: &JsString<'js>,
    awaits: bool,
) -> Result<Value<'js>> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.promise = awaits;
    options.filename = Some(state.module_name(strings::os_string(path).into()));
    ctx.eval_with_options(strings::text(code), options)
}
