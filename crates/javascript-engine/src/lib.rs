//! A JavaScript engine for rust-bun: QuickJS with modules, a console, timers, files and an event loop. As a library for
//! whoever wants to run scripts, and as a bundle that provides `runtime.Engine@1` (see `api.toml`).
//!
//! What is there of the world that scripts know from elsewhere is in `js/`; nothing of a run is left when it has ended.

mod bundle;
mod bytes;
mod ctrl_c;
mod event_loop;
mod input;
mod modules;
mod native;
mod output;
mod realm;
mod reflection;
mod repl;
mod run;
mod settings;
mod state;
mod strings;
mod test;

pub use repl::repl;
pub use run::{Failure, evaluate, run_file};
pub use settings::{ReplSettings, Settings, TestSettings};
pub use test::test;
