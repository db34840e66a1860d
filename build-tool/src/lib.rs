//! build-tool turns a Cargo workspace into a release.
//!
//! The modules, in the order of the pipeline: what the user says ([`cli`],
//! [`manifest`]), what there is ([`workspace`], [`git`], [`toolchain`]), what
//! both together mean ([`release`]), what is to be done ([`plan`],
//! [`stages`]), the doing ([`execute`], [`artifact`], [`tool`], [`shard`]), and
//! the telling ([`event`], [`report`], [`description`], [`exit`]).

pub mod artifact;
pub mod cli;
pub mod commands;
pub mod description;
pub mod event;
pub mod execute;
pub mod exit;
pub mod git;
pub mod manifest;
pub mod plan;
pub mod release;
pub mod report;
pub mod shard;
pub mod stages;
pub mod tool;
pub mod toolchain;
pub mod workspace;
