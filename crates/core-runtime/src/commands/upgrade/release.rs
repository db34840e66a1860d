//! `release.json`, schema 1: which archive is for this machine, and what must be in it.

use serde::Deserialize;

/// The app that this program is.
pub(super) const APP: &str = "rust-bun";
/// The version of the document's form that is understood. Fields may be added to it.
const SCHEMA: u32 = 1;

#[derive(Debug, Deserialize)]
struct Description {
    schema: u32,
    apps: Vec<App>,
    programs: Vec<Program>,
    artifacts: Vec<Artifact>,
}

#[derive(Debug, Deserialize)]
struct App {
    name: String,
    version: String,
}

#[derive(Debug, Deserialize)]
struct Program {
    name: String,
    kind: String,
    app: String,
    target: String,
    size: u64,
    sha256: String,
}

#[derive(Debug, Deserialize)]
struct Artifact {
    name: String,
    kind: String,
    app: Option<String>,
    target: Option<String>,
    size: u64,
    sha256: String,
}

/// What to fetch, and what it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) version: semver::Version,
    pub(super) archive: Wanted,
    /// The program in it.
    pub(super) program: Wanted,
}

/// A file by its name, and the bytes that it must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) size: u64,
    /// Lower-case hexadecimal.
    pub(super) sha256: String,
}

/// Why there is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoOffer {
    Meaningless(String),
    NotForUs { version: semver::Version, there: String },
}

/// What the document offers for a target.
pub(super) fn offer(document: &[u8], target: &str) -> Result<Offer, NoOffer> {
    let meaningless = |what: String| NoOffer::Meaningless(what);
    // The number first: another form may lack any of the other fields.
    let value: serde_json::Value = serde_json::from_slice(document).map_err(|error| meaningless(error.to_string()))?;
    let schema = value.get("schema").and_then(serde_json::Value::as_u64);
    if schema != Some(SCHEMA.into()) {
        let schema = schema.map_or("none".to_owned(), |number| number.to_string());
        return Err(meaningless(format!("its schema is {schema}, and {SCHEMA} is understood")));
    }
    let description = Description::deserialize(value).map_err(|error| meaningless(error.to_string()))?;
    debug_assert_eq!(description.schema, SCHEMA);
    let app = description.apps.iter().find(|app| app.name == APP);
    let app = app.ok_or_else(|| meaningless(format!("it does not release {APP}")))?;
    let version = app.version.parse::<semver::Version>();
    let version = version.map_err(|error| meaningless(format!("the version {:?}: {error}", app.version)))?;
    let archives = || {
        let all = description.artifacts.iter();
        all.filter(|artifact| artifact.kind == "archive" && artifact.app.as_deref() == Some(APP))
    };
    let archive = archives().find(|archive| archive.target.as_deref() == Some(target));
    let program = description.programs.iter().find(|program| {
        program.kind == "binary" && program.app == APP && program.target == target && is_ours(&program.name)
    });
    let (Some(archive), Some(program)) = (archive, program) else {
        let mut there: Vec<&str> = archives().filter_map(|archive| archive.target.as_deref()).collect();
        there.sort_unstable();
        let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
        return Err(NoOffer::NotForUs { version, there });
    };
    let wanted = |name: &str, size, sha256: &str| {
        let name_fits =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-~".contains(&byte));
        let sum_fits = sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match (name_fits && !name.starts_with('.'), sum_fits) {
            (true, true) => Ok(Wanted { name: name.to_owned(), size, sha256: sha256.to_owned() }),
            (false, _) => Err(meaningless(format!("{name:?} is not a file's name"))),
            (_, false) => Err(meaningless(format!("{sha256:?} is not a SHA-256"))),
        }
    };
    Ok(Offer {
        version,
        archive: wanted(&archive.name, archive.size, &archive.sha256)?,
        program: wanted(&program.name, program.size, &program.sha256)?,
    })
}

fn is_ours(name: &str) -> bool {
    name.strip_suffix(".exe").unwrap_or(name) == APP
}

#[cfg(test)]
mod tests;
