//! A shard: the part of a release that one machine made, as one file. It is a
//! tar.zst with `shard/shard.json`, which describes it, and after that
//! `shard/targets/TRIPLE/APP/FILE` for each finished file. What reads it here
//! believes nothing: a shard comes from another machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use release_formats::archive::ArchiveFormat;
use release_formats::checksums::sha256_reader;
use release_formats::read_archive::{EntryKind, Limits, ReadError, read_archive};
use serde::{Deserialize, Serialize};

use crate::description::{DescribedApp, DescribedProgram};
use crate::git::GitState;
use crate::release::BuildChoices;

/// The version of the description's form. Another number is another form.
pub const SCHEMA: u32 = 1;
/// The description's name in the archive. By its name it comes before the files.
pub const DESCRIPTION: &str = "shard/shard.json";
/// The format of the file.
pub const FORMAT: ArchiveFormat = ArchiveFormat::TarZst;
/// More than a description of 10,000 files takes, in bytes.
const LARGEST_DESCRIPTION: u64 = 8 << 20;

/// The description of a shard. Names mean what they mean in `release.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardDescription {
    /// The version of this form.
    pub schema: u32,
    /// The version of the build-tool that made it.
    pub tool: String,
    /// The apps, by name.
    pub apps: Vec<DescribedApp>,
    /// The tree that was released.
    pub git: GitState,
    /// Seconds since 1970 that stand for every time in the release.
    pub source_date_epoch: u64,
    /// The compiler's version, as `rustc --version` says it.
    pub rustc: String,
    /// How each target was compiled and linked.
    pub backends: BTreeMap<String, String>,
    /// The version of zig, where it compiled or linked for one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zig: Option<String>,
    /// Where each target's standard library came from: `prebuilt` or `source`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub standard_libraries: BTreeMap<String, String>,
    /// The choices of the command line that change bytes.
    pub build: BuildChoices,
    /// The finished files, by app, target and name.
    pub files: Vec<DescribedProgram>,
}

/// The file's name for these targets, which are sorted: `shard-TRIPLE.tar.zst`, and the number of further targets.
pub fn file_name(triples: &[String]) -> String {
    let stem = match triples {
        [] => String::new(),
        [only] => only.clone(),
        [first, further @ ..] => format!("{first}+{}", further.len()),
    };
    format!("shard-{stem}.{}", FORMAT.extension())
}

/// Whether a file of this name would be a shard.
pub fn is_file_name(name: &str) -> bool {
    name.starts_with("shard-") && ArchiveFormat::of_file_name(name) == Some(FORMAT)
}

/// A file's name in the archive.
pub fn path_of(file: &DescribedProgram) -> String {
    format!("shard/targets/{}/{}/{}", file.target, file.app, file.path())
}

/// Why a shard is refused, by what is in it alone.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// It cannot be read, or is not as shards are packed.
    #[error(transparent)]
    Archive(#[from] ReadError),
    /// It begins with something else.
    #[error("it has no {DESCRIPTION} before its other files")]
    NoDescription,
    /// A description that nobody should hold in memory.
    #[error("its description has {0} bytes, more than the {LARGEST_DESCRIPTION} it may have")]
    LargeDescription(u64),
    /// A description that is none.
    #[error("its {DESCRIPTION} is not the description of a shard: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A description of another version.
    #[error("its {DESCRIPTION} has the schema {0}; this build-tool knows {SCHEMA}")]
    Schema(u32),
    /// The description lists what cannot be a file of the shard.
    #[error("its {DESCRIPTION} lists {0:?}, which leads out of the shard")]
    Outside(String),
    /// The description lists a file twice.
    #[error("its {DESCRIPTION} lists {0} twice")]
    ListedTwice(String),
    /// A file that is not described.
    #[error("it holds {0}, which its {DESCRIPTION} does not list")]
    Unlisted(String),
    /// A file that is described and not there.
    #[error("it does not hold {0}, which its {DESCRIPTION} lists")]
    Lacking(String),
    /// A file whose content is another than the description says.
    #[error("{file} was altered: {found}, not {expected}")]
    Altered {
        /// The file.
        file: String,
        /// What there is.
        found: String,
        /// What the description says.
        expected: String,
    },
}

/// Reads a shard to its end, and checks all that it can be checked for by itself.
///
/// # Errors
/// Everything that is wrong with it.
pub fn check(path: &Path) -> Result<ShardDescription, Vec<ShardError>> {
    let mut description = None;
    let mut problems = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut sizes_and_sums: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let read = walk(path, |name, size, content| {
        if description.is_none() {
            let found = read_description(name, size, content)?;
            let mut wrong = problems_of(&found);
            if let Some(last) = wrong.pop() {
                // Holding the files against it would only say the same again.
                problems.extend(wrong);
                return Err(last);
            }
            let said = |file: &DescribedProgram| (path_of(file), (file.size, file.sha256.clone()));
            sizes_and_sums = found.files.iter().map(said).collect();
            description = Some(found);
            return Ok(());
        }
        let Some((expected_size, expected)) = sizes_and_sums.get(name) else {
            problems.push(ShardError::Unlisted(name.to_owned()));
            return Ok(());
        };
        seen.insert(name.to_owned());
        let altered = |found: String, expected: String| ShardError::Altered { file: name.to_owned(), found, expected };
        if size != *expected_size {
            problems.push(altered(format!("{size} bytes"), format!("{expected_size}")));
            return Ok(());
        }
        let (sum, _) = sha256_reader(content).map_err(ReadError::Io)?;
        if sum.to_string() != *expected {
            problems.push(altered(format!("its SHA-256 is {sum}"), expected.clone()));
        }
        Ok(())
    });
    match (read, description) {
        (Err(error), _) => problems.push(error),
        (Ok(()), None) => problems.push(ShardError::NoDescription),
        (Ok(()), Some(description)) => {
            let lacking = sizes_and_sums.keys().filter(|name| !seen.contains(*name));
            problems.extend(lacking.map(|name| ShardError::Lacking(name.clone())));
            if problems.is_empty() {
                return Ok(description);
            }
        }
    }
    Err(problems)
}

/// Hands each file of a shard to `visit`, with its name in the archive, its size and its content.
///
/// # Errors
/// It is not packed as a shard is, or what `visit` says.
pub fn walk<E: From<ReadError>>(
    path: &Path,
    mut visit: impl FnMut(&str, u64, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let file = open(path).map_err(ReadError::Io)?;
    read_archive(file, FORMAT, Limits::default(), |entry, content| {
        if entry.kind == EntryKind::Directory {
            return Ok(());
        }
        visit(&String::from_utf8_lossy(&entry.name), entry.size, content)
    })
}

/// A pipe would never end: only a file is opened.
fn open(path: &Path) -> io::Result<File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    File::open(path)
}

fn read_description(name: &str, size: u64, content: &mut dyn Read) -> Result<ShardDescription, ShardError> {
    /// What every version has.
    #[derive(Deserialize)]
    struct Versioned {
        schema: u32,
    }
    if name != DESCRIPTION {
        return Err(ShardError::NoDescription);
    }
    if size > LARGEST_DESCRIPTION {
        return Err(ShardError::LargeDescription(size));
    }
    let mut text = Vec::new();
    content.take(LARGEST_DESCRIPTION).read_to_end(&mut text).map_err(ReadError::Io)?;
    let Versioned { schema } = serde_json::from_slice(&text)?;
    if schema != SCHEMA {
        return Err(ShardError::Schema(schema));
    }
    Ok(serde_json::from_slice(&text)?)
}

/// What is wrong with a description by itself.
fn problems_of(description: &ShardDescription) -> Vec<ShardError> {
    let mut problems = Vec::new();
    let mut listed = BTreeSet::new();
    for file in &description.files {
        let path = path_of(file);
        if !file.has_plain_names() {
            problems.push(ShardError::Outside(path));
        } else if !listed.insert(path.clone()) {
            problems.push(ShardError::ListedTwice(path));
        }
    }
    problems
}
