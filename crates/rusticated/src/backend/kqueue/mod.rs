//! macOS and the BSDs: kqueue tells when descriptors are ready, when children end and when signals come in; a few
//! threads wait for files. The system is entered through its libc, the only door that these systems promise.
//!
//! Nothing here has been run: it is compiled and type-checked, and its layouts are held against those of the crate
//! `libc`, on a machine that runs none of these systems.
mod call;
pub(crate) mod clock;
pub(crate) mod driver;
pub(crate) mod env;
pub(crate) mod error;
mod events;
pub(crate) mod fs;
pub(crate) mod handle;
mod make;
pub(crate) mod net;
mod operate;
pub(crate) mod pipe;
pub(crate) mod process;
pub(crate) mod signal;
mod system;
pub(crate) mod thread;
pub(crate) mod tty;
pub(crate) mod worker;

pub(crate) use call::Call;
