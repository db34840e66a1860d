//! Windows: real overlapped operations that end at an I/O completion port, one a thread. What Windows has no
//! overlapped form of (opening a file, reading a console) runs on the system's own thread pool, and its end is posted
//! to the port; that pool has no threads while it has nothing to do.
mod api;
mod console;
mod lock;
mod offload;
mod overlapped;
mod stream;
mod wide;

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
