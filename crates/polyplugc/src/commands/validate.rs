//! Checks files and folders, all of them, and says what each is.

use std::path::{Path, PathBuf};

use polyplug::error::ManifestError;
use polyplug::loader::{BundleFile, MANIFEST_FILE, ManifestDocument};

use crate::api::read_api;
use crate::bundle::read_bundle;
use crate::error::{ErrorKind, Errors, LocatedError};
use crate::input::{SourceFile, read};

/// What each path is; or everything that is wrong with any.
pub(super) fn validate(paths: &[PathBuf]) -> Result<Vec<(PathBuf, String)>, Errors> {
    let (mut valid, mut errors) = (Vec::new(), Vec::new());
    for path in paths {
        match validate_one(path) {
            Ok(what) => valid.push((path.clone(), what)),
            Err(wrong) => errors.extend(wrong.errors().iter().cloned()),
        }
    }
    Errors::check(errors)?;
    Ok(valid)
}

fn validate_one(path: &Path) -> Result<String, Errors> {
    if path.is_dir() {
        let document = manifest(&read(&path.join(MANIFEST_FILE))?)?;
        files(path, &document)?;
        return Ok(format!("the bundle `{}` {}, complete", document.name, document.version));
    }
    let source = read(path)?;
    if path.file_name().is_some_and(|name| name == MANIFEST_FILE) {
        let document = manifest(&source)?;
        return Ok(format!("the manifest of the bundle `{}` {}", document.name, document.version));
    }
    // A bundle says what it is with its first table; what is no TOML is told as a bad API.
    if source.text().lines().any(|line| line.split('#').next().is_some_and(|line| line.trim() == "[bundle]")) {
        let bundle = read_bundle(&source)?;
        let plugins = bundle.plugins.len();
        return Ok(format!("the bundle `{}` {} with {plugins} plugins", bundle.name, bundle.version));
    }
    let api = read_api(&source)?;
    let (guest, host) = (api.guest_contracts.len(), api.host_contracts.len());
    Ok(format!(
        "an API with {} types, {guest} guest contracts and {host} host contracts",
        api.structs.len() + api.enums.len()
    ))
}

fn manifest(source: &SourceFile) -> Result<ManifestDocument, Errors> {
    ManifestDocument::parse(source.text(), source.path()).map_err(|error| {
        let ManifestError::Invalid { problems, .. } = &error else { return wrong(&error).into() };
        let errors = problems.iter().map(|problem| {
            let start = source.text().split_inclusive('\n').take(problem.line.saturating_sub(1)).map(str::len).sum();
            let line: &str = source.text().get(start..).unwrap_or_default();
            let bytes = |count: usize| line.char_indices().nth(count).map_or(line.len(), |(index, _)| index);
            let column = problem.column.saturating_sub(1);
            let span = start + bytes(column)..start + bytes(column + problem.width);
            LocatedError::new(ErrorKind::invalid(&problem.message, &problem.help), source.at(span))
        });
        match Errors::check(errors.collect()) {
            Err(errors) => errors,
            Ok(()) => wrong(&error).into(),
        }
    })
}

fn wrong(error: &ManifestError) -> LocatedError {
    LocatedError::nowhere(ErrorKind::Manifest { message: error.to_string() })
}

/// Checks the files that a manifest names. A folder that was packed for one platform has that one's only.
fn files(folder: &Path, document: &ManifestDocument) -> Result<(), Errors> {
    let names: Vec<&String> = match &document.file {
        BundleFile::Everywhere(file) => vec![file],
        BundleFile::ByPlatform(files) => files.values().collect(),
    };
    let there: Vec<_> = names.iter().filter(|name| folder.join(name).symlink_metadata().is_ok()).collect();
    let mut errors = Vec::new();
    if there.is_empty() {
        let all = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let message = format!("{}: the bundle's file is missing: {all}", folder.display());
        errors.push(LocatedError::nowhere(ErrorKind::Manifest { message }));
    }
    for name in there {
        let file = folder.join(name);
        let inside = match (file.canonicalize(), folder.canonicalize()) {
            (Ok(file), Ok(folder)) => file.is_file() && file.starts_with(folder),
            _ => false,
        };
        if !inside {
            let message = format!("{} is not a regular file in the bundle's folder", file.display());
            errors.push(LocatedError::nowhere(ErrorKind::Manifest { message }));
        }
    }
    Errors::check(errors)
}
