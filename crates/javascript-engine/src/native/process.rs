//! The process and its surroundings: arguments, variables, folders, the clock, standard input and output.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::rc::Rc;

use build_info::build_info;
use rquickjs::{Array, Ctx, Function, IntoJs, Object, Result, String as JsString, TypedArray, Value};

use super::files::failed;
use crate::output::{self, Written};
use crate::state::State;
use crate::{bytes, input, reflection, strings};

pub(super) fn install<'js>(ctx: &Ctx<'js>, state: &Rc<State>, native: &Object<'js>) -> Result<()> {
    native.set("platform", platform())?;
    native.set("arch", arch())?;
    native.set("pid", std::process::id())?;
    native.set("engine", reflection::engine_version())?;
    native.set("version", build_info!().version)?;
    native.set("executable", strings::to_js(ctx, &state.settings.executable)?)?;
    let lists = Rc::clone(state);
    native.set("args", Function::new(ctx.clone(), move |ctx| args(&lists, &ctx))?)?;
    let lists = Rc::clone(state);
    native.set("environment", Function::new(ctx.clone(), move |ctx| environment(&lists, &ctx))?)?;
    native.set("cwd", Function::new(ctx.clone(), cwd)?)?;
    native.set("chdir", Function::new(ctx.clone(), chdir)?)?;
    let wishes = Rc::clone(state);
    native.set("colors", Function::new(ctx.clone(), move |to| colors(&wishes, to))?)?;
    native.set("isTerminal", Function::new(ctx.clone(), is_terminal)?)?;
    let clock = Rc::clone(state);
    native.set("now", Function::new(ctx.clone(), move || clock.started.elapsed().as_secs_f64() * 1000.0)?)?;
    let ended = Rc::clone(state);
    native.set("exit", Function::new(ctx.clone(), move |ctx, code| exit(&ended, &ctx, code))?)?;
    let writer = Rc::clone(state);
    native.set("write", Function::new(ctx.clone(), move |ctx, to, what| write(&writer, &ctx, to, &what))?)?;
    let reader = Rc::clone(state);
    native.set("setReading", Function::new(ctx.clone(), move |on| reader.reading.set(on))?)?;
    native.set("readInput", Function::new(ctx.clone(), read_input)?)
}

/// As Node.js calls it.
fn platform() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}

/// As Node.js calls it.
fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        "x86" => "ia32",
        "aarch64" => "arm64",
        other => other,
    }
}

fn args<'js>(state: &State, ctx: &Ctx<'js>) -> Result<Array<'js>> {
    let list = Array::new(ctx.clone())?;
    for (at, arg) in state.args.iter().enumerate() {
        list.set(at, strings::to_js(ctx, arg)?)?;
    }
    Ok(list)
}

fn environment<'js>(state: &State, ctx: &Ctx<'js>) -> Result<Array<'js>> {
    let list = Array::new(ctx.clone())?;
    for (at, (name, value)) in state.settings.environment.iter().enumerate() {
        list.set(2 * at, strings::to_js(ctx, name)?)?;
        list.set(2 * at + 1, strings::to_js(ctx, value)?)?;
    }
    Ok(list)
}

fn cwd(ctx: Ctx<'_>) -> Result<Value<'_>> {
    match std::env::current_dir() {
        Ok(folder) => strings::to_js(&ctx, folder.as_os_str()),
        Err(error) => Err(failed(&ctx, &error, "uv_cwd", None)),
    }
}

fn chdir(ctx: Ctx<'_>, folder: JsString<'_>) -> Result<()> {
    let folder = PathBuf::from(strings::os_string(&folder));
    std::env::set_current_dir(&folder).map_err(|error| failed(&ctx, &error, "chdir", Some(&folder)))
}

fn is_terminal(descriptor: u32) -> bool {
    match descriptor {
        0 => io::stdin().is_terminal(),
        1 => io::stdout().is_terminal(),
        _ => io::stderr().is_terminal(),
    }
}

fn exit(state: &State, ctx: &Ctx<'_>, code: i32) -> Result<()> {
    state.end(code);
    Err(reflection::throw_uncatchable(ctx))
}

/// Whether to write in colours there (no-color.org, force-color.org).
fn colors(state: &State, descriptor: u32) -> bool {
    let wish = |name: &str| {
        let found = state.settings.environment.iter().find(|(variable, _)| variable == name);
        found.is_some_and(|(_, value)| !value.is_empty())
    };
    !wish("NO_COLOR") && (wish("FORCE_COLOR") || is_terminal(descriptor))
}

/// Whether it was written. A reader that has gone has what it wanted: that ends the run, and is no error.
fn write(state: &State, ctx: &Ctx<'_>, to: u32, what: &Value<'_>) -> Result<bool> {
    let text = |string: &JsString<'_>| strings::text(string).into_bytes();
    let bytes = match (what.as_string(), what.as_object().and_then(|object| object.as_typed_array::<u8>())) {
        (Some(string), _) => text(string),
        (None, Some(array)) => bytes::copy(array),
        (None, None) => return Ok(false),
    };
    match if to == 1 { output::write(&bytes) } else { output::write_error(&bytes) } {
        Written::Yes => Ok(true),
        Written::ReaderGone if to == 1 => exit(state, ctx, 0).map(|()| false),
        Written::ReaderGone | Written::No => Ok(false),
    }
}

/// All that is left of standard input.
fn read_input(ctx: Ctx<'_>) -> Result<Value<'_>> {
    match input::read_all() {
        Ok(bytes) => TypedArray::<u8>::new(ctx.clone(), bytes)?.into_js(&ctx),
        Err(error) => Err(failed(&ctx, &error, "read", None)),
    }
}
