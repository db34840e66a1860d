//! A Lua state with what scripts may use, and the loading of their files.

use mlua::chunk::ChunkMode;
use mlua::{Function, Lua, LuaOptions, Result, StdLib};

/// Takes away what reaches the machine, and what a time limit could not end.
const PRELUDE: &str = include_str!("sandbox.lua");

/// A state without `io`, `debug`, `package` and what else reaches outside.
pub(crate) fn state() -> Result<Lua> {
    let libraries = StdLib::COROUTINE | StdLib::TABLE | StdLib::OS | StdLib::STRING | StdLib::UTF8 | StdLib::MATH;
    let lua = Lua::new_with(libraries, LuaOptions::new())?;
    compile(&lua, "polyplug", PRELUDE)?.call::<()>(())?;
    Ok(lua)
}

/// The function of a file's text. Never of bytecode.
pub(crate) fn compile(lua: &Lua, name: &str, source: &str) -> Result<Function> {
    lua.load(source).set_name(format!("@{name}")).set_mode(ChunkMode::Text).into_function()
}
