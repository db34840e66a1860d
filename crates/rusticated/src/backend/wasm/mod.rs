//! WebAssembly: everything is asked of the host, as [`crate::abi`] describes it.
pub(crate) mod call;
pub(crate) mod clock;
pub(crate) mod driver;
pub(crate) mod env;
pub(crate) mod error;
pub(crate) mod fs;
pub(crate) mod handle;
pub(crate) mod net;
pub(crate) mod pipe;
pub(crate) mod process;
pub(crate) mod signal;
pub(crate) mod thread;
pub(crate) mod tty;
