//! JavaScript by the bundle javascript-engine, through the program.

mod code;
mod faults;
mod files;
#[cfg(unix)]
mod input;
mod support;
mod tests;
