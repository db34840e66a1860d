//! A frugal, completion-based async platform layer, shaped like `std`: the kernel is told what to do with a buffer
//! that it is given, and says when it is done. No dependencies, no threads of its own where the kernel can do without,
//! nothing that wakes while there is nothing to do.
//!
//! | module | what it holds |
//! |---|---|
//! | [`io`] | [`io::AsyncRead`], [`io::AsyncWrite`], errors, the standard streams, pipes |
//! | [`fs`] | files, folders, metadata |
//! | [`net`] | TCP and UDP |
//! | [`process`] | programs to start and to wait for |
//! | [`signal`] | Ctrl-C and its kin |
//! | [`tty`] | the terminal: size and mode |
//! | [`time`] | clocks, [`time::sleep`], [`time::timeout`] |
//! | [`env`](mod@env) | arguments, variables, the current folder |
//! | [`path`], [`ffi`] | paths of any bytes that the system takes |
//! | [`rt`] | the executor: [`rt::block_on`], [`rt::spawn`], [`rt::select`] |
//! | [`abi`] | what a WebAssembly host must offer |
//!
//! The layers, from above: the modules of this list; [`rt`], which runs tasks and keeps operations alive that the
//! kernel works on; and one backend a platform (`backend/`): io_uring or epoll on Linux, IOCP on Windows, kqueue on
//! macOS and the BSDs, host functions in WebAssembly. (That of macOS and the BSDs has been compiled and held against the
//! layouts of their headers, but never run.)
//!
//! What was opened belongs to the thread that opened it, whose runtime works on it. Whether a file, a pipe, a socket or a
//! child is `Send` is not promised: on Unix most of them are, since a descriptor is a number; on Windows they are not,
//! since a handle belongs to its thread's completion port until it is closed. A program that is to compile everywhere
//! opens a thing where it is used. Tasks, and futures of this crate, are `Send` nowhere.
//!
//! ```
//! use rusticated::{fs, rt};
//!
//! # fn main() -> rusticated::io::Result<()> {
//! let text = rt::block_on(async {
//!     fs::write("greeting.txt", "hello").await?;
//!     let text = fs::read_to_string("greeting.txt").await?;
//!     fs::remove_file("greeting.txt").await?;
//!     Ok::<_, rusticated::io::Error>(text)
//! })?;
//! assert_eq!(text, "hello");
//! # Ok(())
//! # }
//! ```
#![no_std]

extern crate alloc;

#[cfg(test)]
extern crate std;

pub mod abi;
mod backend;
pub mod env;
pub mod ffi;
pub mod fs;
pub mod io;
pub mod net;
pub mod os;
pub mod path;
pub mod process;
pub mod rt;
pub mod signal;
pub mod time;
pub mod tty;
