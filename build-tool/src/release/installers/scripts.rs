//! The scripts that package managers run: a format's own, else the common ones.

use located::Located;

use super::{Findings, Scripts, Sources};
use crate::manifest::Expanded;
use crate::manifest::package::Scripts as Table;

/// The files that the manifest names.
pub(super) fn resolve(own: Option<&Table>, sources: &Sources<'_>, findings: &mut Findings) -> Scripts {
    let common = sources.manifest.and_then(|manifest| manifest.scripts.as_ref()).map(|scripts| scripts.value());
    let mut file = |key: fn(&Table) -> &Option<Located<Expanded>>| {
        let said = own.and_then(|table| key(table).as_ref()).or_else(|| common.and_then(|table| key(table).as_ref()));
        findings.file(&sources.inputs.workspace.root, said?)
    };
    Scripts {
        pre_install: file(|table| &table.pre_install),
        post_install: file(|table| &table.post_install),
        pre_remove: file(|table| &table.pre_remove),
        post_remove: file(|table| &table.post_remove),
    }
}
