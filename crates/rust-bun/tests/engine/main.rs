//! JavaScript by the bundle javascript-engine, through the program.

mod code;
mod faults;
mod files;
#[cfg(unix)]
mod input;
mod support;
#[cfg(target_os = "linux")]
mod terminal;
mod tests;
