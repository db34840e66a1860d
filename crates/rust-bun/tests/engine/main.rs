//! JavaScript by the bundle javascript-engine, through the program.

mod code;
mod files;
mod faults;
#[cfg(unix)]
mod input;
mod support;
mod tests;
