//! Profile manifests → profiles: what a manifest leaves unsaid is what the
//! workspace's own `[profile.*]` says, and reproducibility is the only thing
//! that is forced.

use std::collections::BTreeMap;

use located::{Located, LocatedError, nearest};

use super::error::Problem;
use super::{EnvValue, Profile, TargetAdditions};
use crate::manifest::profile::{ProfileManifest, Sccache, Strip};
use crate::manifest::{Expanded, Manifests};
use crate::workspace::{CARGO_PROFILES, Workspace};

/// The profile of a release where nobody says another.
pub(super) const DEFAULT: &str = "release";

/// The profile of tests where nobody says another.
pub(super) const FOR_TESTS: &str = "dev";

/// A profile by its name: from its manifest, else from the Cargo profile of that name.
pub(super) fn resolve(
    name: &str,
    asked_at: Option<&Located<String>>,
    manifests: &Manifests,
    workspace: &Workspace,
    problems: &mut Vec<LocatedError<Problem>>,
) -> Option<Profile> {
    if let Some(loaded) = manifests.profiles.get(name) {
        return from_manifest(name, loaded.peek(), workspace, problems);
    }
    if workspace.has_cargo_profile(name) {
        return Some(fill(name, name.to_owned(), None, workspace));
    }
    let known = known_profiles(manifests, workspace);
    let problem = Problem::UnknownProfile {
        name: name.to_owned(),
        nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
        known,
    };
    problems.push(super::resolve::locate(problem, asked_at, "no such profile"));
    None
}

fn known_profiles(manifests: &Manifests, workspace: &Workspace) -> Vec<String> {
    let mut known: Vec<_> = manifests.profiles.keys().cloned().collect();
    known.extend(known_cargo_profiles(workspace));
    known.sort();
    known.dedup();
    known
}

fn known_cargo_profiles(workspace: &Workspace) -> Vec<String> {
    let mut known: Vec<_> = CARGO_PROFILES.iter().map(ToString::to_string).collect();
    known.extend(workspace.cargo_profiles.keys().cloned());
    known.sort();
    known.dedup();
    known
}

fn from_manifest(
    name: &str,
    manifest: &ProfileManifest,
    workspace: &Workspace,
    problems: &mut Vec<LocatedError<Problem>>,
) -> Option<Profile> {
    // A manifest's own name is the natural Cargo profile to start from, where there is one.
    let fallback = if workspace.has_cargo_profile(name) { name } else { "release" };
    let cargo_profile = manifest.cargo_profile.as_ref().map_or(fallback, |name| name.value().as_str());
    if !workspace.has_cargo_profile(cargo_profile) {
        let known = known_cargo_profiles(workspace);
        let problem = Problem::UnknownCargoProfile {
            name: cargo_profile.to_owned(),
            nearest: nearest(cargo_profile, known.iter().map(String::as_str)).map(str::to_owned),
            known,
        };
        problems.push(super::resolve::locate(problem, manifest.cargo_profile.as_ref(), "not in Cargo.toml"));
        return None;
    }
    Some(fill(name, cargo_profile.to_owned(), Some(manifest), workspace))
}

fn fill(name: &str, cargo_profile: String, manifest: Option<&ProfileManifest>, workspace: &Workspace) -> Profile {
    let said = |value: fn(&ProfileManifest) -> Option<bool>, default| manifest.and_then(value).unwrap_or(default);
    let split_debug = said(|m| m.split_debug.as_ref().map(|v| *v.value()), false);
    let own_debug = manifest.is_some_and(|manifest| manifest.debug.is_some());
    let cargo_debug = workspace
        .cargo_profile_setting(&cargo_profile, |profile| profile.debug.clone())
        .map_or(cargo_profile == "dev" || cargo_profile == "test", |value| is_on(&value));
    let strip = match manifest.and_then(|manifest| manifest.strip.as_ref()) {
        Some(strip) => *strip.value(),
        None => default_strip(&cargo_profile, cargo_debug, workspace),
    };
    let cargo_settings: BTreeMap<String, String> = manifest
        .map(ProfileManifest::cargo_settings)
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.to_owned(), value.to_string()))
        .collect();
    let mut forced_settings = BTreeMap::new();
    // Stripping is a stage, after debug information was split off.
    forced_settings.insert("strip".to_owned(), "\"none\"".to_owned());
    // Incremental objects depend on what was built before.
    forced_settings.insert("incremental".to_owned(), "false".to_owned());
    if split_debug {
        if !own_debug && !cargo_debug {
            forced_settings.insert("debug".to_owned(), "true".to_owned());
        }
        // The stage takes debug information from the binary, so all of it has to be there.
        forced_settings.insert("split-debuginfo".to_owned(), "\"off\"".to_owned());
    }
    Profile {
        name: name.to_owned(),
        cargo_profile,
        cargo_settings,
        forced_settings,
        strip: if split_debug && strip == Strip::None { Strip::Debuginfo } else { strip },
        split_debug,
        features: manifest.map_or_else(Vec::new, |m| strings(m.features.as_deref())),
        default_features: said(|m| m.default_features.as_ref().map(|v| *v.value()), true),
        all_features: said(|m| m.all_features.as_ref().map(|v| *v.value()), false),
        sccache: manifest.and_then(|m| m.sccache.as_ref()).map_or(Sccache::Auto, |v| *v.value()),
        env: manifest.map_or_else(BTreeMap::new, |m| env(&m.env)),
        additions: manifest.iter().flat_map(|m| &m.target).map(|(triple, a)| (triple.clone(), additions(a))).collect(),
    }
}

fn additions(table: &Located<crate::manifest::profile::TargetAdditions>) -> TargetAdditions {
    TargetAdditions {
        features: strings(table.features.as_deref()),
        rustflags: expanded(table.rustflags.as_deref()),
        env: env(&table.env),
    }
}

/// What cargo itself would strip: what the profile says, else debug information where none was asked for.
fn default_strip(cargo_profile: &str, debug: bool, workspace: &Workspace) -> Strip {
    match workspace.cargo_profile_setting(cargo_profile, |profile| profile.strip.clone()) {
        Some(toml::Value::Boolean(true)) => Strip::Symbols,
        Some(toml::Value::String(level)) if level == "symbols" => Strip::Symbols,
        Some(toml::Value::String(level)) if level == "debuginfo" => Strip::Debuginfo,
        Some(_) => Strip::None,
        None if debug => Strip::None,
        None => Strip::Debuginfo,
    }
}

fn is_on(value: &toml::Value) -> bool {
    match value {
        toml::Value::Boolean(on) => *on,
        toml::Value::Integer(level) => *level > 0,
        toml::Value::String(level) => level != "none" && level != "0",
        _ => false,
    }
}

pub(super) fn strings(values: Option<&[Located<String>]>) -> Vec<String> {
    values.into_iter().flatten().map(|value| value.value().clone()).collect()
}

pub(super) fn expanded(values: Option<&[Located<Expanded>]>) -> Vec<String> {
    values.into_iter().flatten().map(|value| value.as_str().to_owned()).collect()
}

pub(super) fn env(values: &BTreeMap<String, Located<Expanded>>) -> BTreeMap<String, EnvValue> {
    let resolve = |value: &Located<Expanded>| {
        let written = value.place().source().text().get(value.place().span()).unwrap_or_default();
        // What `${NAME}` stands for may be a secret.
        let shown = written.contains("${").then(|| format!("\"{}\"", written.trim_matches(['"', '\''])));
        EnvValue { value: value.as_str().to_owned(), shown }
    };
    values.iter().map(|(name, value)| (name.clone(), resolve(value))).collect()
}
