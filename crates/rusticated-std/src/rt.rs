//! The runtime: how a program starts, and what std has not: rusticated's executor and asynchronous modules.
//!
//! A blocking call of this library waits for its own completion only; tasks go on while [`block_on`] runs. A `main`
//! that returns a boxed future is run by it:
//!
//! ```ignore
//! fn main() -> Pin<Box<dyn Future<Output = ExitCode>>> {
//!     Box::pin(async { ExitCode::SUCCESS })
//! }
//! ```
use crate::process::Termination;
use crate::sys;

pub use rusticated::rt::{Cancelled, Either, JoinHandle, backend_name, block_on, join, select, spawn, yield_now};
pub use rusticated::{fs, io, net, process, signal, time, tty};

/// rustc makes the C function `main(argc, argv)`, which calls this with the program's `fn main`.
#[lang = "start"]
fn lang_start<T: Termination + 'static>(main: fn() -> T, _argc: isize, argv: *const *const u8, _sigpipe: u8) -> isize {
    sys::prepare();
    // SAFETY: on this system it is where the kernel has put them.
    #[cfg(target_os = "linux")]
    unsafe {
        rusticated::env::start(argv.cast())
    };
    #[cfg(not(target_os = "linux"))]
    let _ = argv;
    let code = main().report();
    crate::io::flush_at_exit();
    code.to_isize()
}
