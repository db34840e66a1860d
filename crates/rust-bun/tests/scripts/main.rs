//! run, exec, bunx, link, unlink and pm as their user meets them: the real program in folders of its own.

mod bunx;
mod exec;
mod link;
mod pm;
mod pm_version;
mod project;
mod run;
mod run_files;
mod workspaces;
