//! `cross`: each target in a container of its own, with its own C toolchain.
//! It mounts the workspace and cargo's home at their own paths, so that what
//! we say of paths holds inside, too.

use super::{Backend, BackendError, Site};
use crate::release::Target;
use crate::stages::Tool;
use crate::tool::Invocation;

/// `cross build` in place of `cargo build`.
pub(super) struct Cross;

impl Backend for Cross {
    fn tools(&self, _target: &Target) -> Vec<Tool> {
        vec![Tool::Cross]
    }

    fn configure(&self, call: Invocation, _site: &Site<'_>) -> Result<Invocation, BackendError> {
        Ok(call)
    }
}
