//! Programs, documents and what goes with them → packages for Windows Installer, signed where a certificate is named.
//! The bytes are `release-formats`' business.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use release_formats::msi::{Msi, MsiArchitecture, MsiError, MsiScope, Shortcut, write_msi};

use super::authenticode;
use super::installer::{Make, Maker, failed, steps, texts};
use super::session::create_for_reading;
use super::{Session, StageError, Step};
use crate::manifest::package::Scope;
use crate::release::{Details, MsiDetails, Release};

/// The stage's name.
pub const NAME: &str = "msi";

/// One package an app and Windows target.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    steps(
        release,
        Maker {
            details: |details| match details {
                Details::Msi(own) => Some(own),
                _ => None,
            },
            tools: |details| details.signing.iter().map(authenticode::tool).collect(),
            files: |details| details.icon.iter().chain(&details.licence).cloned().collect(),
            write,
        },
    )
}

fn write(make: &Make<MsiDetails>, session: &Session<'_>, path: &Path) -> Result<(), StageError> {
    let payload = make.payload(session)?;
    let spare = session.spare_threads();
    let msi = msi(make, 1 + spare.len())?;
    let out = session.cancellable(BufWriter::new(create_for_reading(path)?));
    let mut out = write_msi(out, &msi, &payload).map_err(|error| {
        failed(path, error, |error| match error {
            MsiError::Write(error) => Ok(error),
            other => Err(other),
        })
    })?;
    out.flush().map_err(StageError::file("write", path))?;
    drop(out);
    let Some(signing) = &make.details.signing else { return Ok(()) };
    let unsigned = path.with_extension("unsigned");
    fs::rename(path, &unsigned).map_err(StageError::file("put apart", path))?;
    let signed = authenticode::sign(signing, make.time, &unsigned, path, session);
    let _signed_now = fs::remove_file(&unsigned);
    signed
}

fn msi(make: &Make<MsiDetails>, threads: usize) -> Result<Msi, StageError> {
    let (identity, details) = (&make.installer.identity, &make.details);
    let icon = details.icon.as_ref().map(|icon| fs::read(icon).map_err(StageError::file("read", icon))).transpose()?;
    let licence = if details.licence.is_empty() { None } else { Some(texts(&details.licence)?) };
    Ok(Msi {
        name: details.product.clone(),
        version: identity.version.clone(),
        manufacturer: details.manufacturer.clone(),
        upgrade_code: details.upgrade_code.clone(),
        architecture: if make.installer.platform.starts_with("aarch64") {
            MsiArchitecture::Arm64
        } else {
            MsiArchitecture::X64
        },
        scope: match details.scope {
            Scope::PerMachine => MsiScope::Machine,
            Scope::PerUser => MsiScope::User,
        },
        install_folder: details.folder.clone(),
        path: details.path.clone(),
        shortcuts: details
            .shortcuts
            .iter()
            .map(|shortcut| Shortcut {
                name: shortcut.name.clone(),
                target: shortcut.target.clone(),
                arguments: shortcut.arguments.clone(),
                description: shortcut.description.clone(),
            })
            .collect(),
        start_menu_folder: None,
        icon,
        summary: identity.summary.clone(),
        contact: (!identity.is_orphan()).then(|| identity.maintainer.clone()),
        homepage: identity.homepage.clone(),
        help: None,
        licence,
        time: make.time,
        level: None,
        threads,
    })
}
