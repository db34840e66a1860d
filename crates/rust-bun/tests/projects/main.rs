//! init, create and upgrade as their users meet them: the real program in folders of its own, with
//! real archives, real signals and a real server.
#![cfg(unix)]

mod create;
mod init;
mod support;
mod upgrade;
mod upgrade_bundles;
mod upgrade_killed;
