//! A Lua state as a virtual machine: how functions are called, with which limits, and what becomes of errors.
// The call itself is made through Lua's C interface: the library's turns every error into text and loses its code.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::c_int;
use std::time::{Duration, Instant};

use mlua::ffi;
use mlua::{Lua, RegistryKey, Table, Value};
use polyplug_abi::AbiErrorCode;
use polyplug_script::Limits;
use polyplug_script::fault::{FIRST_OWN_CODE, Fault};
use polyplug_script::marshal::{Failure, Reason};
use polyplug_script::virtual_machine::{Arguments, VirtualMachine};

use crate::error::{LuaError, library_fault, thrown_fault};
use crate::sandbox;
use crate::values::Values;

/// How many instructions may run between two looks at the clock.
const INSTRUCTIONS: c_int = 10_000;

/// A Lua state.
pub(crate) struct LuaMachine {
    values: Values,
    /// What `create` of a contract gets.
    pub(crate) module: Table,
    limits: Limits,
    /// How many calls from outside are in each other.
    nested: Cell<u32>,
    /// When the one that is under way has to end. Boxed: Lua holds its address.
    deadline: Box<Cell<Option<Instant>>>,
}

/// Places on the stack for what comes with the arguments, and for what the library needs to push one.
const ROOM: usize = 8;
/// More arguments than a signature can have.
const MOST: usize = 1_000;

type Failed = Failure<LuaError>;

impl LuaMachine {
    /// A state with what scripts may use.
    pub(crate) fn new(limits: Limits) -> Result<Self, Fault> {
        let lua = sandbox::state().map_err(|error| library_fault(&error))?;
        let module = lua.create_table().map_err(|error| library_fault(&error))?;
        if let Some(memory) = limits.memory {
            lua.set_memory_limit(memory).map_err(|error| library_fault(&error))?;
        }
        make_places(&lua).map_err(|error| library_fault(&error))?;
        let deadline = Box::new(Cell::new(None));
        let address = mlua::LightUserData((&raw const *deadline).cast_mut().cast());
        lua.set_named_registry_value(DEADLINE, address).map_err(|error| library_fault(&error))?;
        Ok(Self { values: Values(lua), module, limits, nested: Cell::new(0), deadline })
    }

    pub(crate) fn lua(&self) -> &Lua {
        &self.values.0
    }

    /// Runs a file's text. It gets the module `polyplug`.
    pub(crate) fn run(&self, name: &str, source: &str) -> Result<Value, Fault> {
        let time = self.limits.load_time;
        let result = sandbox::compile(self.lua(), name, source).map_err(LuaError::from).and_then(|chunk| {
            let module = Value::Table(self.module.clone());
            self.limited(time, || self.call_simply(Pushed::Value(&Value::Function(chunk)), Pushed::Value(&module)))
        });
        result.map_err(|error| self.fault(error))
    }

    /// Calls a function with one value, for what it returns.
    fn call_simply(&self, function: Pushed<'_>, object: Pushed<'_>) -> Result<Value, LuaError> {
        let mut result = Value::Nil;
        let keep = |value: &Value| {
            result = value.clone();
            Ok(())
        };
        let called = self.call(function, object, 0, |_| Ok(Value::Nil), true, keep);
        match called.map_err(Failure::reason) {
            Ok(()) => Ok(result),
            Err(Reason::Machine(error)) => Err(error),
            Err(Reason::Value(error)) => Err(LuaError::Fault(error.into_fault())),
        }
    }

    /// Runs something that has to end in a time, if it is the outermost.
    fn limited<R>(&self, time: Option<Duration>, run: impl FnOnce() -> R) -> R {
        let Some(time) = time else { return run() };
        self.nested.set(self.nested.get() + 1);
        if self.nested.get() == 1 {
            self.deadline.set(Instant::now().checked_add(time));
            self.watch(true);
        }
        let left = Left(self);
        let result = run();
        drop(left);
        result
    }

    fn watch(&self, on: bool) {
        let (hook, mask) = if on { (Some(watch_the_clock as ffi::lua_Hook), ffi::LUA_MASKCOUNT) } else { (None, 0) };
        self.lua().exec_raw_lua(|raw| {
            // SAFETY: the state is alive, and the hook keeps to the rules of hooks.
            unsafe { ffi::lua_sethook(raw.state(), hook, mask, INSTRUCTIONS) };
        });
    }

    /// Calls a function in protected mode, with an object and so many arguments. `argument` makes them one after another; `result` gets what it returns, if it
    /// is `wanted`.
    #[inline]
    fn call(
        &self,
        function: Pushed<'_>,
        object: Pushed<'_>,
        count: usize,
        mut argument: impl FnMut(usize) -> Result<Value, Failed>,
        wanted: bool,
        result: impl FnOnce(&Value) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        self.lua().exec_raw_lua(|raw| {
            let state = raw.state();
            // SAFETY: where it is called, there is room; reading the registry at a number raises no error.
            let push = |value: Pushed<'_>| unsafe {
                match value {
                    Pushed::Value(value) => raw.push_value(value).map_err(failed),
                    Pushed::Kept(key) => {
                        ffi::lua_rawgeti(state, ffi::LUA_REGISTRYINDEX, key.id().into());
                        Ok(())
                    }
                }
            };
            // SAFETY: there is room on the stack for the handler, the function, the arguments and what the library needs
            // to push one, and everything is taken off it again. Nothing here can raise an error of Lua: pushing of
            // values that exist does not allocate, and the call is protected.
            unsafe {
                let top = ffi::lua_gettop(state);
                // Lua always has room for as many; only more has to be asked for.
                let enough = (top as usize).saturating_add(count) <= ffi::LUA_MINSTACK as usize - ROOM;
                if !enough && (count > MOST || ffi::lua_checkstack(state, (count + ROOM) as c_int) == 0) {
                    return Err(Failure::machine(too_many()));
                }
                let restored = Top { state, top };
                ffi::lua_pushcfunction(state, handle_error);
                push(function)?;
                push(object)?;
                for place in 0..count {
                    raw.push_value(&argument(place)?).map_err(failed)?;
                }
                let results = c_int::from(wanted);
                if ffi::lua_pcall(state, count as c_int + 1, results, top + 1) != ffi::LUA_OK {
                    let thrown = raw.pop_value();
                    drop(restored);
                    return Err(Failure::machine(LuaError::Fault(self.told(thrown))));
                }
                let value = if wanted { raw.pop_value() } else { Value::Nil };
                drop(restored);
                result(&value)
            }
        })
    }

    #[cold]
    fn told(&self, thrown: Value) -> Fault {
        if self.deadline.get().is_some_and(|deadline| Instant::now() >= deadline) {
            return Fault::new(AbiErrorCode::TimedOut, "the script took longer than its limit");
        }
        match &thrown {
            // Lua has no memory to say more; the text is its own.
            Value::String(text) if text.as_bytes().starts_with(b"not enough memory") => {
                Fault::new(AbiErrorCode::OutOfMemory, "the script has no memory left under its limit")
            }
            _ => thrown_fault(thrown),
        }
    }
}

/// Ends [`LuaMachine::limited`], on a panic, too.
struct Left<'a>(&'a LuaMachine);

impl Drop for Left<'_> {
    fn drop(&mut self) {
        self.0.nested.set(self.0.nested.get() - 1);
        if self.0.nested.get() == 0 {
            self.0.deadline.set(None);
            self.0.watch(false);
        }
    }
}

/// Lets Lua lay the first places for what is kept out as an array. Entries that come one by one go to the table's other
/// part, where finding them takes three times as long: some nanoseconds of each call.
fn make_places(lua: &Lua) -> mlua::Result<()> {
    const PLACES: usize = 64;
    let keys = (0..PLACES).map(|_| lua.create_registry_value(true)).collect::<mlua::Result<Vec<_>>>()?;
    // Dropped, they are used again, in this order.
    keys.into_iter().rev().for_each(drop);
    Ok(())
}

/// A value that goes onto the stack.
#[derive(Clone, Copy)]
enum Pushed<'a> {
    Value(&'a Value),
    Kept(&'a RegistryKey),
}

/// Puts the stack back.
struct Top {
    state: *mut ffi::lua_State,
    top: c_int,
}

impl Drop for Top {
    fn drop(&mut self) {
        // SAFETY: the top was one of this stack, and lies below what was pushed since.
        unsafe { ffi::lua_settop(self.state, self.top) };
    }
}

fn failed(error: mlua::Error) -> Failed {
    Failure::machine(LuaError::Library(error))
}

#[cold]
fn too_many() -> LuaError {
    LuaError::Fault(Fault::new(AbiErrorCode::Failed, "stack overflow: there is no room for another call"))
}

impl VirtualMachine for LuaMachine {
    type Values = Values;
    type Kept = RegistryKey;

    fn values(&self) -> &Values {
        &self.values
    }

    fn keep(&self, value: &Value) -> Result<RegistryKey, LuaError> {
        Ok(self.lua().create_registry_value(value)?)
    }

    fn is_function(&self, value: &Value) -> bool {
        value.is_function()
    }

    #[inline]
    fn invoke(
        &self,
        function: &RegistryKey,
        object: &RegistryKey,
        arguments: &Arguments<'_>,
        result: impl FnOnce(&Value) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        self.limited(self.limits.call_time, || {
            let make = |place| arguments.value(&self.values, place);
            let (function, object) = (Pushed::Kept(function), Pushed::Kept(object));
            self.call(function, object, arguments.count(), make, arguments.has_result(), result)
        })
    }

    fn create(&self, create: Option<&RegistryKey>) -> Result<RegistryKey, LuaError> {
        let object = match create {
            Some(create) => {
                let module = Value::Table(self.module.clone());
                let call = || self.call_simply(Pushed::Kept(create), Pushed::Value(&module));
                self.limited(self.limits.call_time, call)?
            }
            None => Value::Table(self.lua().create_table()?),
        };
        self.keep(&object)
    }

    fn destroy(&self, destroy: &RegistryKey, object: &RegistryKey) -> Result<(), LuaError> {
        let call = || self.call_simply(Pushed::Kept(destroy), Pushed::Kept(object)).map(drop);
        self.limited(self.limits.call_time, call)
    }

    fn forget(&self, kept: RegistryKey) {
        // What is dropped instead stays until something else takes its place.
        let _ = self.lua().remove_registry_value(kept);
    }

    fn fault(&self, error: LuaError) -> Fault {
        match error {
            LuaError::Library(error) => library_fault(&error),
            LuaError::Fault(fault) => fault,
        }
    }
}

/// Where a state keeps the address of its deadline.
const DEADLINE: &str = "polyplug.deadline";

/// A hook that ends a script that runs for too long. Once it is too late, it comes at every instruction, so that a script
/// that catches errors does not run on.
unsafe extern "C-unwind" fn watch_the_clock(state: *mut ffi::lua_State, _: *mut ffi::lua_Debug) {
    // SAFETY: Lua calls hooks with room for at least 20 values. What the registry has is the address of the deadline of
    // the machine that owns this state. Nothing here has a destructor, for `lua_error` does not return.
    unsafe {
        ffi::lua_getfield(state, ffi::LUA_REGISTRYINDEX, c"polyplug.deadline".as_ptr());
        let deadline: *const Cell<Option<Instant>> = ffi::lua_touserdata(state, -1).cast();
        ffi::lua_pop(state, 1);
        match deadline.as_ref().and_then(Cell::get) {
            None => ffi::lua_sethook(state, None, 0, 0),
            Some(deadline) if Instant::now() < deadline => {}
            Some(_) => {
                ffi::lua_sethook(state, Some(watch_the_clock), ffi::LUA_MASKCOUNT, 1);
                ffi::lua_pushstring(state, c"the script took longer than its limit".as_ptr());
                ffi::lua_error(state);
            }
        }
    }
}

/// The message handler of calls: errors become text with a traceback, except tables with a code of the script's own and
/// errors of the library.
unsafe extern "C-unwind" fn handle_error(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: Lua calls handlers with room for at least 20 values, and in protected mode. Nothing here has a destructor,
    // for all of this may raise another error.
    unsafe {
        match ffi::lua_type(state, 1) {
            ffi::LUA_TTABLE => {
                ffi::lua_pushstring(state, c"contract".as_ptr());
                let own = ffi::lua_rawget(state, 1) == ffi::LUA_TNIL;
                ffi::lua_pushstring(state, c"code".as_ptr());
                ffi::lua_rawget(state, 1);
                let code = ffi::lua_tointegerx(state, -1, std::ptr::null_mut());
                ffi::lua_settop(state, 1);
                if own && code >= i64::from(FIRST_OWN_CODE) && code <= i64::from(u32::MAX) {
                    return 1;
                }
            }
            ffi::LUA_TUSERDATA => return 1,
            _ => {}
        }
        let text = ffi::luaL_tolstring(state, 1, std::ptr::null_mut());
        ffi::luaL_traceback(state, state, text, 1);
        1
    }
}
