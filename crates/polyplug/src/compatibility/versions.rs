//! Whether providers are new enough: the same major, and at least the minor that is required.

use std::collections::HashMap;
use std::path::PathBuf;

use polyplug_abi::DependencyKind;
use polyplug_abi::runtime::Compatibility;
use polyplug_abi::types::{LogLevel, Version};

use crate::error::{GraphError, MissingCapability, RuntimeError, TooOld, VersionError};
use crate::loader::{Dependency, ManifestData};
use crate::logger::LoggerHandle;

/// How many providers that will not do are listed for a dependency.
const LISTED: usize = 8;

/// Who provides a contract, and in which version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisteredProvider<'a> {
    /// The bundle; anything for a contract of the host.
    pub bundle: &'a str,
    /// The version.
    pub version: Version,
}

/// Checks the dependencies of all bundles on each other. Contracts of the host are for [`check_manifest`], when a bundle
/// is loaded. Of several providers one that is new enough suffices: `find` passes the others over.
///
/// # Errors
///
/// In strict mode everything that is too old. Relaxed warns of it.
pub fn check_versions(
    manifests: &[(PathBuf, ManifestData)],
    mode: Compatibility,
    logger: LoggerHandle,
) -> Result<(), VersionError> {
    if mode == Compatibility::Yolo {
        return Ok(());
    }
    let mut providers: HashMap<u64, Vec<RegisteredProvider<'_>>> = HashMap::new();
    // The newest of each contract, and each provider's: with them, many dependents of many providers cost their sum.
    let mut newest: HashMap<(u64, Option<&str>), Version> = HashMap::new();
    for (_, manifest) in manifests {
        for provided in &manifest.provides {
            let (id, version) = (provided.id(), provided.version);
            providers.entry(id).or_default().push(RegisteredProvider { bundle: &manifest.name, version });
            for key in [(id, None), (id, Some(manifest.name.as_str()))] {
                newest.entry(key).and_modify(|known| *known = version.max(*known)).or_insert(version);
            }
        }
    }
    let mut too_old = Vec::new();
    for (_, manifest) in manifests {
        let guests = manifest.dependencies.iter().filter(|it| it.kind == DependencyKind::GuestContract);
        for dependency in guests {
            let id = dependency.id();
            if newest.get(&(id, dependency.bundle.as_deref())).is_some_and(|version| suffices(*version, dependency)) {
                continue;
            }
            let known = providers.get(&id).map(Vec::as_slice).unwrap_or_default();
            if let Judgement::TooOld(it) = judge(&manifest.name, dependency, known) {
                too_old.push(it);
            }
        }
    }
    too_old.sort_by(|a: &TooOld, b| a.dependent.cmp(&b.dependent));
    settle(too_old, mode, &logger)
}

/// Checks the dependencies of one bundle, on bundles and on the host, against what is registered: `registered` gives all
/// providers of a dependency's contract, of its major version.
///
/// # Errors
///
/// Whatever nobody provides, in every mode; in strict mode what is too old. Relaxed warns of that.
pub fn check_manifest<'a>(
    manifest: &ManifestData,
    registered: impl Fn(&Dependency) -> Vec<RegisteredProvider<'a>>,
    mode: Compatibility,
    logger: &LoggerHandle,
) -> Result<(), RuntimeError> {
    let (mut missing, mut too_old) = (Vec::new(), Vec::new());
    for dependency in &manifest.dependencies {
        match judge(&manifest.name, dependency, &registered(dependency)) {
            Judgement::Good => {}
            Judgement::Missing(it) => missing.push(it),
            Judgement::TooOld(it) => too_old.push(it),
        }
    }
    if !missing.is_empty() {
        return Err(GraphError::MissingCapability { missing }.into());
    }
    Ok(settle(too_old, mode, logger)?)
}

enum Judgement {
    Good,
    Missing(MissingCapability),
    TooOld(TooOld),
}

/// The same major, and at least the minor.
fn suffices(version: Version, dependency: &Dependency) -> bool {
    version.major == dependency.min_version.major && version.minor >= dependency.min_version.minor
}

fn judge(dependent: &str, dependency: &Dependency, known: &[RegisteredProvider<'_>]) -> Judgement {
    let wanted = |it: &&RegisteredProvider<'_>| dependency.bundle.as_deref().is_none_or(|bundle| bundle == it.bundle);
    let mut candidates: Vec<&RegisteredProvider<'_>> = known.iter().filter(wanted).collect();
    if candidates.is_empty() {
        let others = known.iter().take(LISTED).map(|it| format!("one of `{}`", it.bundle)).collect();
        return Judgement::Missing(MissingCapability {
            dependent: dependent.to_owned(),
            kind: dependency.kind,
            contract: dependency.reference(),
            bundle: dependency.bundle.clone(),
            similar: others,
        });
    }
    if candidates.iter().any(|it| suffices(it.version, dependency)) {
        return Judgement::Good;
    }
    candidates.sort_by(|a, b| b.version.cmp(&a.version).then_with(|| a.bundle.cmp(b.bundle)));
    Judgement::TooOld(TooOld {
        dependent: dependent.to_owned(),
        kind: dependency.kind,
        contract: dependency.contract.clone(),
        required: dependency.min_version,
        found: candidates.iter().take(LISTED).map(|it| (it.bundle.to_owned(), it.version)).collect(),
    })
}

/// What the mode makes of providers that are too old.
fn settle(too_old: Vec<TooOld>, mode: Compatibility, logger: &LoggerHandle) -> Result<(), VersionError> {
    match mode {
        Compatibility::Strict if !too_old.is_empty() => return Err(VersionError { too_old }),
        Compatibility::Strict | Compatibility::Yolo => {}
        Compatibility::Relaxed => {
            for it in &too_old {
                logger.log(LogLevel::Warn, "compatibility", || it.to_string());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
