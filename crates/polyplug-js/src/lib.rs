//! Plugins in JavaScript (QuickJS) for polyplug, and JavaScript programs as hosts. What a script sees and may do is in
//! `docs/polyplug.md`, section "Scripts".

mod error;
mod host;
mod imports;
mod loader;
mod machine;
mod module;
mod value;
mod values;

pub use host::JsHost;
pub use loader::JsLoader;
pub use polyplug_script::Limits;
pub use polyplug_script::fault::Fault;
