//! What rust-bun is made of: command line, start-up, environment, memory, signals, and the commands.
//!
//! The modules, in the order in which a run goes through them:
//!
//! | module | what it is for |
//! |---|---|
//! | [`cli`] | the command line as types, and nothing else |
//! | [`startup`] | the seven steps of a run, in their order |
//! | [`logging`] | set up from the environment |
//! | [`environment`], [`dotenv`], [`build_environment`], [`feature_flags`] | what a run knows of its surroundings |
//! | [`memory`] | allocators |
//! | [`context`] | all of that, as commands get it |
//! | [`commands`] | one file a command |
//! | [`providers`] | what commands need that this core has not: an engine, a package manager |
//! | [`package`] | `package.json`, workspaces, linked packages |
//! | [`archive`] | archives that somebody else made, read with care |
//! | [`process`], [`signals`] | the only place that starts programs; what reaches us while they run |
//! | [`report`] | the only place that prints |
//! | [`error`], [`exit`] | what went wrong, and the exit code for it |
//!
//! Nothing here has state of its own between calls, but for what an allocator and a signal
//! handler must have.

pub mod archive;
pub mod build_environment;
pub mod cli;
pub mod commands;
pub mod context;
pub mod dotenv;
pub mod environment;
pub mod error;
pub mod exit;
pub mod feature_flags;
pub mod logging;
pub mod memory;
pub mod nearest;
pub mod package;
pub mod process;
pub mod providers;
pub mod report;
pub mod signals;
pub mod startup;
