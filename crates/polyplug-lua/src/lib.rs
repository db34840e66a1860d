//! Plugins in Lua 5.4 for polyplug, and Lua programs as hosts. What a script sees and may do is in `docs/polyplug.md`,
//! section "Scripts".

mod error;
mod host;

mod loader;
mod machine;
mod module;
mod sandbox;
mod values;

pub use host::LuaHost;
pub use loader::LuaLoader;
pub use polyplug_script::Limits;
pub use polyplug_script::fault::Fault;
