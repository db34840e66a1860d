//! `.env` files: which ones are read, in which order they win, and what they say. See `parse` for the syntax and
//! `expand` for `$`.

mod error;
mod expand;
mod parse;
mod read;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub use error::{Error, Malformed};
pub use parse::{Entry, Mistake, Parsed, parse};
pub use read::LIMIT;

use crate::environment::{EnvironmentVariables, Mode, Variables};

/// Where variables come from.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The process's own.
    pub process: &'a Variables,
    /// The command line's `NAME=value` words. A later one wins.
    pub overrides: &'a [(OsString, OsString)],
    /// `--env-file`: relative to the folder. A later one wins.
    pub files: &'a [PathBuf],
    /// Where the usual files are looked for; none with `--no-env-file`.
    pub usual: bool,
    /// The folder.
    pub folder: &'a Path,
}

/// The usual files, the one that wins over all others last.
#[must_use]
pub fn usual_files(mode: Mode) -> [String; 4] {
    let mode = mode.name();
    [".env".to_owned(), format!(".env.{mode}"), format!(".env.{mode}.local"), ".env.local".to_owned()]
}

/// All variables of a run. Who wins, from the highest: the `NAME=value` words of the command line, its `--env-file`s,
/// the process, `.env.local`, `.env.<mode>.local`, `.env.<mode>`, `.env`. The mode is what the first three of them say.
///
/// # Errors
///
/// A file that is there and cannot be read, or not as meant; an `--env-file` that is not there.
pub fn load(sources: Sources<'_>) -> Result<Variables, Error> {
    let overrides: Variables = sources.overrides.iter().cloned().collect();
    let mut explicit = Variables::default();
    for file in sources.files {
        let path = sources.folder.join(file);
        let bytes = read::read(&path).map_err(|refusal| Error::of_refusal(&path, refusal))?;
        take(&path, &bytes, Layers { above: &[&overrides], below: &[sources.process] }, &mut explicit)?;
    }
    let mut top = sources.process.clone();
    top.extend(explicit.into_pairs());
    top.extend(overrides.into_pairs());
    if !sources.usual {
        return Ok(top);
    }
    let mut usual = Variables::default();
    for name in usual_files(EnvironmentVariables::of(&top).mode()) {
        let path = sources.folder.join(name);
        match read::read(&path) {
            Ok(bytes) => take(&path, &bytes, Layers { above: &[&top], below: &[] }, &mut usual)?,
            Err(read::Refusal::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(refusal) => return Err(Error::of_refusal(&path, refusal)),
        }
    }
    usual.extend(top.into_pairs());
    Ok(usual)
}

/// What is around a file: the variables that win over it, and those, besides the files before it, that it wins over.
#[derive(Clone, Copy)]
struct Layers<'a> {
    above: &'a [&'a Variables],
    below: &'a [&'a Variables],
}

struct Around<'a> {
    layers: Layers<'a>,
    before: &'a Variables,
}

impl expand::Around for Around<'_> {
    fn above(&self, name: &str) -> Option<&[u8]> {
        self.layers.above.iter().find_map(|variables| variables.get(name)).map(OsStr::as_encoded_bytes)
    }

    fn below(&self, name: &str) -> Option<&[u8]> {
        let below = || self.layers.below.iter().find_map(|variables| variables.get(name));
        self.before.get(name).or_else(below).map(OsStr::as_encoded_bytes)
    }
}

/// Takes what a file says into `into`, over what is there.
fn take(path: &Path, text: &[u8], layers: Layers<'_>, into: &mut Variables) -> Result<(), Error> {
    let parsed = parse(text).map_err(|(at, mistake)| Error::of_mistake(path, text, at, mistake))?;
    for line in &parsed.ignored {
        log::warn!("{}:{line}: passed over, since it is not NAME=value", path.display());
    }
    let values = expand::expand(&parsed.entries, &Around { layers, before: into })
        .map_err(|mistake| Error::of_expansion(path, text, &parsed.entries, mistake))?;
    let mut taken = Vec::with_capacity(values.len());
    for (entry, value) in parsed.entries.iter().zip(values) {
        taken.push((entry.name, system_text(value.into_owned()).ok_or_else(|| Error::of_bytes(path, text, entry))?));
    }
    log::debug!("{}: {} variables", path.display(), taken.len());
    into.extend(taken);
    Ok(())
}

#[cfg(unix)]
fn system_text(bytes: Vec<u8>) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes))
}

#[cfg(not(unix))]
fn system_text(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}

#[cfg(test)]
mod tests;
