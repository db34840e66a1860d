//! A standard library over rusticated: core and alloc, and the modules of std that ask the system for something, each
//! a blocking call on rusticated's completions. Programs need not know: an ordinary `fn main()` compiles and runs.
//!
//! It is compiled into the sysroot of a target of its own, with `--cfg own_std` and rustc's unstable features. Without
//! that it is empty, so that the workspace's ordinary builds take it along.
//!
//! What differs from Rust's own library:
//! - There is one thread. `thread::spawn` is left out, and what protects from other threads protects from oneself only:
//!   a lock that is held is an error where std would wait for ever. `thread_local!` values live until the process ends.
//! - A panic prints std's message and aborts. There is no unwinding, no hook and no backtrace.
//! - Host names are not resolved.
//! - Numbers have no logarithms, powers and angles, for which there is no C library; roundings and roots they have.
//! - `rt` is more than std's: the executor and the asynchronous modules. A `main` may return a boxed future.
#![no_std]
#![cfg(own_std)]
#![feature(lang_items, never_type)]
#![feature(allocator_internals, rustc_attrs)] // the default allocator, which a program may replace
#![feature(allow_internal_unstable, format_args_nl)] // println! with its newline in the format string
#![feature(hashmap_internals)] // std's own hash function
#![feature(core_float_math)] // the roundings of numbers, which std has as methods
#![allow(internal_features, unsafe_code)]
#![allow(clippy::legacy_numeric_constants, reason = "std has these modules, too")]
#![default_lib_allocator]

extern crate alloc as alloc_crate;

#[macro_use]
mod macros;

pub mod alloc;
pub mod collections;
pub mod env;
pub mod ffi;
pub mod fs;
pub mod hash;
pub mod io;
pub mod net;
pub mod num;
pub mod os;
mod panicking;
pub mod path;
pub mod prelude;
pub mod process;
pub mod rt;
pub mod sync;
mod sys;
pub mod thread;
pub mod time;

// What core and alloc have already. `panic`, `vec` and `format` name a module or function and a macro at once.
pub use alloc_crate::{borrow, boxed, fmt, format, rc, slice, str, string, vec};
pub use core::{any, array, ascii, cell, char, clone, cmp, convert, default, error, future, hint};
pub use core::{assert, assert_eq, assert_ne, debug_assert, debug_assert_eq, debug_assert_ne};
pub use core::{cfg, column, compile_error, concat, env, file, format_args, format_args_nl, include, include_bytes};
pub use core::{f32, f64, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize};
pub use core::{include_str, line, matches, module_path, option_env, stringify};
pub use core::{iter, marker, mem, ops, option, panic, pin, primitive, ptr, result};
pub use core::{todo, unimplemented, unreachable, write, writeln};

pub mod task {
    //! How futures are run.
    pub use alloc_crate::task::*;
    pub use core::task::*;
}

pub mod arch {
    //! What only some processors have.
    pub use core::arch::*;
}
