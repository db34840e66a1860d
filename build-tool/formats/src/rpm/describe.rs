//! The header of a package: what it says of itself and of its files.

use super::header::{HeaderWriter, Value};
use super::metadata::Metadata;
use super::plan::{Plan, Planned};
use super::relations;
use super::tags;
use super::write::RpmError;
use crate::checksums::Sha256Sum;
use crate::compress::Codec;
use std::collections::BTreeMap;

/// Where packages say they were built: the same everywhere, since the bytes are.
const BUILD_HOST: &str = "reproducible";

/// What rpm verifies of a file: everything that it can.
const VERIFY_ALL: u32 = u32::MAX;

/// What is known of the payload when it has been written.
pub(super) struct Sums {
    /// Of each file; `None` for what is no regular file. Empty while they are not known.
    pub(super) files: Vec<Option<Sha256Sum>>,
    /// Whether a file is an ELF file of 32 (1) or 64 bits (2), or none (0).
    pub(super) colors: Vec<u32>,
    /// Of the archive before it is compressed.
    pub(super) archive: Sha256Sum,
    /// Of the compressed payload.
    pub(super) payload: Sha256Sum,
}

impl Default for Sums {
    fn default() -> Self {
        let none = Sha256Sum([0; 32]);
        Self { files: Vec::new(), colors: Vec::new(), archive: none, payload: none }
    }
}

/// The header. Its length does not depend on the sums.
pub(super) fn header(
    metadata: &Metadata,
    plan: &Plan<'_>,
    codec: Codec,
    level: u32,
    mtime: u32,
    sums: &Sums,
) -> Result<Vec<u8>, RpmError> {
    let mut header = HeaderWriter::default();
    put_metadata(&mut header, metadata);
    header.number(tags::BUILD_TIME, mtime);
    header.text(tags::BUILD_HOST, BUILD_HOST);
    header.text(tags::RPM_VERSION, "release-formats");
    put_scripts_and_changes(&mut header, metadata);
    relations::put(&mut header, metadata, plan, codec);
    put_files(&mut header, plan, mtime, sums);
    put_names(&mut header, &plan.files);
    header.size((tags::SIZE, tags::LONG_SIZE), plan.installed_size, false);

    header.text(tags::PAYLOAD_FORMAT, "cpio");
    header.text(tags::PAYLOAD_COMPRESSOR, compressor_name(codec));
    header.text(tags::PAYLOAD_FLAGS, &level.to_string());
    header.put(tags::PAYLOAD_DIGEST, Value::Texts(vec![sums.payload.to_string()]));
    header.put(tags::PAYLOAD_DIGEST_ALT, Value::Texts(vec![sums.archive.to_string()]));
    header.number(tags::PAYLOAD_DIGEST_ALGORITHM, tags::SHA256);
    header.finish(tags::HEADER_IMMUTABLE)
}

/// rpm's name of a compression.
pub(super) fn compressor_name(codec: Codec) -> &'static str {
    match codec {
        Codec::Gzip => "gzip",
        Codec::Xz => "xz",
        Codec::Zstd => "zstd",
    }
}

fn put_metadata(header: &mut HeaderWriter, metadata: &Metadata) {
    header.put(tags::I18N_TABLE, Value::Texts(vec!["C".to_owned()]));
    header.text(tags::ENCODING, "utf-8");
    header.text(tags::NAME, &metadata.name);
    header.text(tags::VERSION, &metadata.version);
    header.text(tags::RELEASE, &metadata.release);
    metadata.epoch.into_iter().for_each(|epoch| header.number(tags::EPOCH, epoch));
    header.text(tags::ARCH, &metadata.architecture);
    header.text(tags::OS, "linux");
    let long = metadata.description.trim_end();
    let description = if long.is_empty() { &metadata.summary } else { long };
    let group = metadata.group.as_deref().unwrap_or("Unspecified");
    for (tag, text) in
        [(tags::SUMMARY, metadata.summary.as_str()), (tags::DESCRIPTION, description), (tags::GROUP, group)]
    {
        header.put(tag, Value::Translated(text.to_owned()));
    }
    header.text(tags::LICENSE, &metadata.licence);
    header.optional(tags::URL, metadata.homepage.as_deref());
    header.optional(tags::VENDOR, metadata.vendor.as_deref());
    header.optional(tags::PACKAGER, metadata.packager.as_deref());
    // That there is this name tells a binary package from a source package.
    let source = format!("{}-{}-{}.src.rpm", metadata.name, metadata.version, metadata.release);
    header.text(tags::SOURCE_RPM, &source);
}

fn put_scripts_and_changes(header: &mut HeaderWriter, metadata: &Metadata) {
    for ((_, script), (text, interpreter)) in metadata.scripts.all().into_iter().zip(tags::SCRIPTS) {
        let Some(script) = script else { continue };
        header.text(text, &script.text);
        header.text(interpreter, &script.interpreter);
    }
    let changes = &metadata.changelog;
    header.put(tags::CHANGELOG_TIME, Value::Int32(changes.iter().map(|change| change.time).collect()));
    header.put(tags::CHANGELOG_NAME, Value::Texts(changes.iter().map(|change| change.author.clone()).collect()));
    header.put(tags::CHANGELOG_TEXT, Value::Texts(changes.iter().map(|change| change.text.clone()).collect()));
}

fn put_files(header: &mut HeaderWriter, plan: &Plan<'_>, mtime: u32, sums: &Sums) {
    let files = &plan.files;
    let texts = |text: for<'a> fn(&'a Planned<'_>) -> &'a str| {
        Value::Texts(files.iter().map(|file| text(file).to_owned()).collect())
    };
    let same = |number: u32| Value::Int32(vec![number; files.len()]);
    let small_sizes: Vec<u32> = files.iter().filter_map(|file| u32::try_from(file.size).ok()).collect();
    if plan.stripped {
        header.put(tags::LONG_FILE_SIZES, Value::Int64(files.iter().map(|file| file.size).collect()));
    } else {
        header.put(tags::FILE_SIZES, Value::Int32(small_sizes));
    }
    header.put(tags::FILE_MODES, Value::Int16(files.iter().map(|file| file.mode).collect()));
    header.put(tags::FILE_RDEVS, Value::Int16(vec![0; files.len()]));
    header.put(tags::FILE_MTIMES, same(mtime));
    let digests = files.iter().enumerate().map(|(at, file)| match (file.content(), sums.files.get(at)) {
        (None, _) => String::new(),
        (Some(_), Some(Some(sum))) => sum.to_string(),
        (Some(_), _) => Sha256Sum([0; 32]).to_string(),
    });
    header.put(tags::FILE_DIGESTS, Value::Texts(digests.collect()));
    header.number(tags::FILE_DIGEST_ALGORITHM, tags::SHA256);
    header.put(tags::FILE_LINK_TOS, texts(|file| file.link_target()));
    header.put(tags::FILE_FLAGS, Value::Int32(files.iter().map(Planned::flags).collect()));
    header.put(tags::FILE_USER_NAME, texts(|file| &file.node.owner));
    header.put(tags::FILE_GROUP_NAME, texts(|file| &file.node.group));
    header.put(tags::FILE_VERIFY_FLAGS, same(VERIFY_ALL));
    header.put(tags::FILE_DEVICES, same(1));
    header.put(tags::FILE_INODES, Value::Int32((1..).take(files.len()).collect()));
    header.put(tags::FILE_LANGS, texts(|_| ""));
    let colors = files.iter().enumerate().map(|(at, _)| sums.colors.get(at).copied().unwrap_or(0));
    header.put(tags::FILE_COLORS, Value::Int32(colors.collect()));
}

/// Paths are split into directories, each of which is there once and ends in a slash, and the rest.
fn put_names(header: &mut HeaderWriter, files: &[Planned<'_>]) {
    let split = |file: &Planned<'_>| match file.node.path.rsplit_once('/') {
        Some((directory, base)) => (format!("/{directory}/"), base.to_owned()),
        None => ("/".to_owned(), file.node.path.clone()),
    };
    let paths: Vec<(String, String)> = files.iter().map(split).collect();
    let mut directories: BTreeMap<&str, u32> = paths.iter().map(|(directory, _)| (directory.as_str(), 0)).collect();
    (0..).zip(directories.values_mut()).for_each(|(at, index)| *index = at);
    let indexes = paths.iter().filter_map(|(directory, _)| directories.get(directory.as_str()).copied());
    header.put(tags::DIR_INDEXES, Value::Int32(indexes.collect()));
    header.put(tags::DIR_NAMES, Value::Texts(directories.keys().map(|directory| (*directory).to_owned()).collect()));
    header.put(tags::BASE_NAMES, Value::Texts(paths.into_iter().map(|(_, base)| base).collect()));
}
