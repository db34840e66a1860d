//! Windows MSVC without Microsoft's SDK: LLVM's linker, with import libraries
//! and a start-up library of our own; C through zig.

use super::{Backend, BackendError, Site};
use crate::release::Target;
use crate::stages::Tool;
use crate::tool::Invocation;

/// cargo with lld in link.exe's manner.
pub(super) struct Lld;

impl Backend for Lld {
    fn tools(&self, _target: &Target) -> Vec<Tool> {
        vec![Tool::Lld, Tool::Zig]
    }

    fn configure(&self, call: Invocation, _site: &Site<'_>) -> Result<Invocation, BackendError> {
        Ok(call)
    }
}
