//! One file a command: what is done about what the command line says.

pub mod bunx;
pub mod create;
pub mod exec;
pub mod init;
pub mod link;
pub mod pm;
mod project_name;
pub mod run;
pub mod unlink;
pub mod upgrade;
