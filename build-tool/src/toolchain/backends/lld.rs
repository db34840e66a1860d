//! Windows MSVC without Microsoft's SDK: LLVM's linker, with import libraries
//! and a start-up library of our own; C through zig.

use super::{Backend, BackendError, Site};
use crate::release::Target;
use crate::stages::Tool;
use crate::tool::Invocation;
use crate::toolchain::msvc;

/// cargo with lld in link.exe's manner.
pub(super) struct Lld;

impl Backend for Lld {
    fn tools(&self, _target: &Target) -> Vec<Tool> {
        vec![Tool::Lld, Tool::Zig]
    }

    fn configure(&self, mut call: Invocation, site: &Site<'_>) -> Result<Invocation, BackendError> {
        let machine = &site.toolchain.machine;
        let (Some(zig), Some(lld)) = (&machine.zig, &machine.lld) else { return Ok(call) };
        let cache = site.release.folders.state().join("msvc");
        for target in &site.targets {
            let Some(arch) = msvc::Arch::of_triple(&target.spec) else { continue };
            let kit = msvc::prepare(site.read, arch, &zig.program, lld, &cache)?;
            for (name, value) in msvc::environment(&kit, &target.spec) {
                // Who names a compiler of their own for this very target means it.
                if std::env::var_os(&name).is_none() {
                    call = call.env(name, value);
                }
            }
        }
        Ok(call)
    }
}
