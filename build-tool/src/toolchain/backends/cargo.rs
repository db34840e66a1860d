//! cargo with the target's usual linker: the host's own target, or whatever
//! the user has configured.

use super::{Backend, BackendError, Site};
use crate::release::Target;
use crate::stages::Tool;
use crate::tool::Invocation;

/// cargo alone.
pub(super) struct Cargo;

impl Backend for Cargo {
    fn tools(&self, target: &Target) -> Vec<Tool> {
        if target.bare_linker().is_some() {
            vec![Tool::Lld]
        } else if target.spec.ends_with("-linux-gnu") && target.linker.is_none() {
            vec![Tool::Cc]
        } else {
            Vec::new()
        }
    }

    fn configure(&self, call: Invocation, _site: &Site<'_>) -> Result<Invocation, BackendError> {
        Ok(call)
    }
}
