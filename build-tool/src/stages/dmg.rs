//! Programs, documents and what goes with them → disk images for macOS. The bytes are `release-formats`' business.

use std::io::{BufWriter, Write};
use std::path::Path;

use release_formats::dmg::{DmgError, DmgOptions, write_dmg};

use super::installer::{Make, Maker, failed, steps};
use super::session::create;
use super::{Session, StageError, Step};
use crate::release::{Details, DmgDetails, Release};

/// The stage's name.
pub const NAME: &str = "dmg";

/// One image an app and platform of macOS.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    steps(
        release,
        Maker {
            details: |details| match details {
                Details::Dmg(own) => Some(own),
                _ => None,
            },
            tools: |_| Vec::new(),
            files: |_| Vec::new(),
            write,
        },
    )
}

fn write(make: &Make<DmgDetails>, session: &Session<'_>, path: &Path) -> Result<(), StageError> {
    let payload = make.payload(session)?;
    let spare = session.spare_threads();
    let options = DmgOptions {
        volume_name: make.details.volume.clone(),
        mtime: make.time,
        level: None,
        threads: 1 + spare.len(),
    };
    let out = session.cancellable(BufWriter::new(create(path)?));
    let mut out = write_dmg(out, &payload, &options).map_err(|error| {
        failed(path, error, |error| match error {
            DmgError::Write(error) => Ok(error),
            other => Err(other),
        })
    })?;
    out.flush().map_err(StageError::file("write", path))
}
