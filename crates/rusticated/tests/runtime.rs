//! The runtime's own sources over a kernel that is played here: virtual time, operations that end in any order, and
//! nothing of the system, so that Miri can watch each access. (`cargo miri test -p rusticated --test runtime`)
#![allow(unsafe_code, reason = "plays the kernel, which writes through pointers")]
extern crate alloc;

#[allow(dead_code, unreachable_pub, unused_imports, reason = "the sources of the library; not all of it is used here")]
#[path = "../src/rt/mod.rs"]
mod rt;

#[path = "runtime/backend.rs"]
mod backend;
#[path = "runtime/operations.rs"]
mod operations;
#[path = "runtime/random.rs"]
mod random;
#[path = "runtime/tasks.rs"]
mod tasks;

mod io {
    pub(crate) use std::io::{Error, Result};
}
