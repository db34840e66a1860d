//! The demo `last-byte` and other ordinary programs on the workspace's own standard library: built by the tool for
//! their targets, and compared with the same sources on Rust's own library, byte for byte.

mod built;
mod inputs;
mod programs;
mod terminal;
mod trace;
