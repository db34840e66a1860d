//! The program as its users meet it: the real binary, in a workspace of its
//! own, with the real cargo and git. One module a subject; a test asserts on
//! exit codes, files, bytes and the essentials of messages.

mod support;

mod broken_code;
mod broken_manifests;
mod broken_workspaces;
mod bundles;
mod caches;
mod callers;
mod commands;
mod corrupt_state;
mod debs;
mod dev;
mod disks;
mod generate_ci;
mod installers;
mod interrupted;
mod macos;
mod macos_frameworks;
mod own_std;
mod packages;
mod plans;
mod releases;
mod repositories;
mod reproducible;
mod runners;
mod shards;
mod sign_installers;
mod signing;
mod smoke;
mod standard_library;
mod symbols;
mod test_verb;
mod tidy;
mod trees;
mod unification;
mod verify;
mod verify_installers;
mod windows;
