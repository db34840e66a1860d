//! The module `polyplug` as Lua sees it. The functions here give back `true` and a value, or `false` and what is wrong;
//! `module.lua` makes errors of that, which only Lua can throw as tables.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Weak};

use mlua::{AnyUserData, Function, IntoLua, IntoLuaMulti, Lua, MultiValue, Result, Table, Value, Variadic};
use polyplug_script::connection::{Bundle, Connection};
use polyplug_script::fault::Fault;
use polyplug_script::folder::Folder;
use polyplug_script::host::Provide;
use polyplug_script::lock::Locked;
use polyplug_script::naming;
use polyplug_script::remote::{Remote, RemoteFailure};

use crate::error::{LuaError, library_fault};
use crate::machine::LuaMachine;
use crate::sandbox;
use crate::values::Values;

const MODULE: &str = include_str!("module.lua");

/// What the module is made for.
pub(crate) struct Setting {
    pub(crate) connection: Arc<Connection>,
    /// Where `require` looks. Programs of a host get theirs when they run.
    pub(crate) folder: Arc<parking_lot::Mutex<Option<Folder>>>,
    /// The bundle, or a host program.
    pub(crate) bundle: Option<Bundle>,
    /// Takes what a host program provides.
    pub(crate) provide: Option<Provide<LuaMachine>>,
}

/// Fills the module of a machine, which is behind its lock already.
pub(crate) fn fill(machine: &LuaMachine, locked: &Weak<Locked<LuaMachine>>, setting: Setting) -> Result<()> {
    let lua = machine.lua();
    let native = lua.create_table()?;
    let Setting { connection, folder, bundle, provide } = setting;
    fill_common(lua, &native, &connection)?;
    native.raw_set("load", loader(lua, folder)?)?;
    if let Some(bundle) = bundle {
        machine.module.raw_set("bundle", bundle_table(lua, &bundle)?)?;
    }
    if let Some(provide) = provide {
        fill_host(lua, &native, &connection)?;
        let locked = Weak::clone(locked);
        native.raw_set(
            "provide",
            lua.create_function(move |lua, description: Value| {
                let provided = locked.upgrade().ok_or(mlua::Error::CallbackDestructed)?;
                answer(lua, provide(&provided, &description).map(nothing))
            })?,
        )?;
    }
    sandbox::compile(lua, "polyplug", MODULE)?.call::<()>((&machine.module, native))
}

/// The contract that an object of a script stands for.
struct Contract(Remote);

fn fill_common(lua: &Lua, native: &Table, connection: &Arc<Connection>) -> Result<()> {
    for (name, of_host) in [("guest", false), ("host", true)] {
        let connection = Arc::clone(connection);
        let find =
            lua.create_function(move |lua, (contract, least, signatures): (String, Option<String>, Vec<String>)| {
                let remote = Remote::new(Arc::clone(&connection), of_host, &contract, least.as_deref(), signatures);
                answer(lua, remote.map(|remote| lua.create_any_userdata(Contract(remote))).transpose_ok()?)
            })?;
        native.raw_set(name, find)?;
    }
    native.raw_set(
        "call",
        lua.create_function(|lua, (contract, number, arguments): (AnyUserData, i64, Variadic<Value>)| {
            let contract = contract.borrow::<Contract>()?;
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            match contract.0.call(&Values(lua.clone()), number, &arguments) {
                Ok(None) => true.into_lua_multi(lua),
                Ok(Some(value)) => (true, value).into_lua_multi(lua),
                Err(RemoteFailure::Call(fault)) => {
                    (false, fault.code, fault.message, contract.0.contract()).into_lua_multi(lua)
                }
                Err(RemoteFailure::Machine(LuaError::Library(error))) => Err(error),
                Err(RemoteFailure::Machine(LuaError::Fault(fault))) => Err(mlua::Error::external(fault)),
            }
        })?,
    )?;
    native.raw_set(
        "close",
        lua.create_function(|_, contract: AnyUserData| {
            contract.borrow::<Contract>()?.0.close();
            Ok(())
        })?,
    )?;
    let connection = Arc::clone(connection);
    let log = move |lua: &Lua, (level, scope, message): (String, mlua::LuaString, mlua::LuaString)| {
        let logged = naming::log_level(&level)
            .map(|level| connection.log(level, &scope.to_string_lossy(), &message.to_string_lossy()));
        answer(lua, logged.map(nothing))
    };
    native.raw_set("log", lua.create_function(log)?)
}

fn fill_host(lua: &Lua, native: &Table, connection: &Arc<Connection>) -> Result<()> {
    let of = Arc::clone(connection);
    let load = lua.create_function(move |lua, folder: String| answer(lua, of.load_bundle(&folder)))?;
    let of = Arc::clone(connection);
    let reload = lua.create_function(move |lua, name: String| answer(lua, of.reload_bundle(&name).map(nothing)))?;
    let of = Arc::clone(connection);
    let unload = lua.create_function(move |lua, (name, cascade): (String, Option<bool>)| {
        answer(lua, of.unload_bundle(&name, cascade.unwrap_or(false)).map(nothing))
    })?;
    let of = Arc::clone(connection);
    let bundles = lua.create_function(move |lua, ()| {
        let list =
            of.bundles().map(|list| list.iter().map(|bundle| bundle_table(lua, bundle)).collect::<Result<Vec<_>>>());
        answer(lua, list.transpose_ok()?)
    })?;
    native.raw_set("load_bundle", load)?;
    native.raw_set("reload_bundle", reload)?;
    native.raw_set("unload_bundle", unload)?;
    native.raw_set("bundles", bundles)
}

fn bundle_table(lua: &Lua, bundle: &Bundle) -> Result<Table> {
    lua.create_table_from([("name", bundle.name.clone()), ("version", bundle.version.to_string())])
}

/// The function with which `require` gets the function of a file, once.
fn loader(lua: &Lua, folder: Arc<parking_lot::Mutex<Option<Folder>>>) -> Result<Function> {
    let known: RefCell<HashMap<String, Function>> = RefCell::default();
    lua.create_function(move |lua, name: String| {
        if let Some(function) = known.borrow().get(&name) {
            return answer(lua, Ok(function));
        }
        let found = folder.lock().clone().map_or_else(
            || Err(Fault::new(polyplug_abi::AbiErrorCode::NotFound, "there is no folder to look in")),
            |folder| find(&folder, &name),
        );
        let compiled = found
            .and_then(|(shown, source)| sandbox::compile(lua, &shown, &source).map_err(|error| library_fault(&error)));
        if let Ok(function) = &compiled {
            known.borrow_mut().insert(name, function.clone());
        }
        answer(lua, compiled)
    })
}

/// The file of a module: `a.b` is `a/b.lua` or `a/b/init.lua`.
fn find(folder: &Folder, name: &str) -> std::result::Result<(String, String), Fault> {
    let path = name.replace('.', "/");
    for candidate in [format!("{path}.lua"), format!("{path}/init.lua")] {
        if let Some(file) = folder.find(&candidate)? {
            return Ok((folder.shown(&file), folder.text_of(&file)?));
        }
    }
    Err(Fault::new(
        polyplug_abi::AbiErrorCode::NotFound,
        format!("there is no `{path}.lua` and no `{path}/init.lua` in the script's folder"),
    ))
}

/// `true` and the value, or `false`, the code and the message.
fn answer(lua: &Lua, result: std::result::Result<impl IntoLua, Fault>) -> Result<MultiValue> {
    match result {
        Ok(value) => (true, value).into_lua_multi(lua),
        Err(fault) => (false, fault.code, fault.message).into_lua_multi(lua),
    }
}

/// What a call that gives nothing gives.
fn nothing((): ()) -> Value {
    Value::Nil
}

/// A result of the library inside of a result of ours.
trait TransposeOk<T> {
    fn transpose_ok(self) -> Result<std::result::Result<T, Fault>>;
}

impl<T> TransposeOk<T> for std::result::Result<Result<T>, Fault> {
    fn transpose_ok(self) -> Result<std::result::Result<T, Fault>> {
        match self {
            Ok(inner) => inner.map(Ok),
            Err(fault) => Ok(Err(fault)),
        }
    }
}
