//! Writes a package: the cabinet first, since it is streamed, then the database and what is small.

use std::io::{Cursor, Seek, Write};

use sha2::{Digest, Sha256};

use super::cabinet::write_cabinet;
use super::compound::{CompoundWriter, PACKAGE_CLASS};
use super::database::{DatabaseWriter, stream_name};
use super::identity::Identity;
use super::package::{CABINET, fill, plan_files};
use super::summary::{self, Summary};
use super::{Msi, MsiError, product_version};
use crate::compress::Codec;
use crate::payload::Payload;

/// A cabinet of more input than this is never so small that it would share sectors with other streams, since deflate
/// makes things no smaller than a thousandth. One of less is made in memory.
const SMALL_INPUT: u64 = 8 << 20;

/// Writes a package to `out`, which must be empty and at its beginning, and gives it back.
///
/// Files go in by their payload's paths, below the install folder; modes and owners mean nothing to Windows. What is
/// marked as configuration is never overwritten and stays when the product is removed.
///
/// # Errors
/// The description or the payload does not fit the format, a source cannot be read, or `out` does not take it.
pub fn write_msi<W: Write + Seek>(out: W, msi: &Msi, payload: &Payload) -> Result<W, MsiError> {
    let version = product_version(&msi.version)?;
    let identity = Identity::new(msi)?;
    let level = msi.level.unwrap_or(Msi::DEFAULT_LEVEL);
    Codec::Gzip.check_level(level)?;
    let files = plan_files(payload)?;
    let mut database = DatabaseWriter::default();
    fill(&mut database, msi, &identity, &version, &files)?;
    let code_page = database.code_page();
    let streams = database.streams()?;

    let mut compound = CompoundWriter::new(out)?;
    let (cabinet_files, options) = (files.cabinet(), (msi.time, level, msi.threads));
    let cabinet_name = stream_name(CABINET, false);
    let cabinet_hash = if files.size() > SMALL_INPUT {
        compound.large_stream(&cabinet_name, |out| write_cabinet(out, &cabinet_files, options))?
    } else {
        let mut cabinet = Cursor::new(Vec::new());
        let hash = write_cabinet(&mut cabinet, &cabinet_files, options)?;
        compound.stream(&cabinet_name, cabinet.get_ref())?;
        hash
    };
    let mut content = Sha256::new();
    content.update(cabinet_hash);
    content.update(msi.time.to_le_bytes());
    for (name, bytes) in &streams {
        compound.stream(name, bytes)?;
        content.update((bytes.len() as u64).to_le_bytes());
        content.update(bytes);
    }
    let summary = Summary {
        code_page,
        name: &msi.name,
        manufacturer: &msi.manufacturer,
        summary: &msi.summary,
        architecture: msi.architecture,
        package_code: &identity.package_code(&content.finalize()),
        time: msi.time,
    };
    compound.stream(summary::STREAM, &summary.bytes())?;
    compound.finish(PACKAGE_CLASS)
}
