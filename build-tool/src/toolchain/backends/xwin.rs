//! `cargo xwin`: Microsoft's own libraries, which it downloads once its user
//! has accepted their licence. It sets up the compilers by itself.

use super::{Backend, BackendError, Site};
use crate::release::Target;
use crate::stages::Tool;
use crate::tool::Invocation;

/// `cargo xwin build` in place of `cargo build`.
pub(super) struct Xwin;

impl Backend for Xwin {
    fn tools(&self, _target: &Target) -> Vec<Tool> {
        vec![Tool::Xwin]
    }

    fn configure(&self, call: Invocation, _site: &Site<'_>) -> Result<Invocation, BackendError> {
        Ok(call)
    }
}
