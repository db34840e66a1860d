//! One file a command: what is done about what the command line says.

pub mod create;
pub mod init;
mod project_name;
pub mod upgrade;
pub mod bunx;
pub mod exec;
pub mod link;
pub mod pm;
pub mod run;
pub mod unlink;
