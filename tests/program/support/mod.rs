//! What the whole-program tests stand on: a workspace in a folder of its own,
//! the real program run in it with a scrubbed environment, and a look at what
//! it left: files, processes, archives.

mod fixture;
pub(crate) mod foreign;
mod macho;
mod mount;
mod process;
mod run;
pub(crate) mod shards;
mod tree;
mod wine;

pub(crate) use fixture::{COMMIT_TIME, Fixture, HOST, write_program};
pub(crate) use macho::{imports, loads};
pub(crate) use mount::Mount;
pub(crate) use process::{Running, assert_nothing_left, processes_of, wait_until};
pub(crate) use run::{Run, flat, tool};
pub(crate) use tree::{assert_same, bytes_of, entries, files, files_but_installers, sums, tree};
pub(crate) use wine::with_wine;
