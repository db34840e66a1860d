//! `libpolyplug_c`: the runtime and its loaders for hosts in C and C++. It makes runtimes and ends them; everything
//! between goes through the [`HostApi`](polyplug_abi::HostApi) that it gives out. Its header is
//! `include/polyplug_runtime.h`. The loader `native` is always there; the features `lua` and `js` add those.

// What C passes is addresses.
#![allow(unsafe_code)]

mod create;
mod error;
mod options;
mod runtimes;

pub use create::{polyplug_runtime_create, polyplug_runtime_destroy};
pub use error::{MESSAGE_SIZE, RuntimeError};
pub use options::{OnReload, ProvidedContract, RuntimeOptions, polyplug_runtime_options_init};
