//! Whether shards are parts of one release: what must be the same in all of
//! them is, and nothing is there twice.

use std::collections::BTreeMap;

use super::problem::ShardProblem;
use super::{Shard, backend};
use crate::cli::MergeFlags;
use crate::git::GitReading;
use crate::shard::ShardDescription;

/// Names everything in which shards differ from each other and from this workspace.
pub(super) fn agree(shards: &[Shard], here: &GitReading, flags: &MergeFlags, problems: &mut Vec<ShardProblem>) {
    let Some(first) = shards.first().map(|shard| &shard.description) else { return };
    let before = problems.len();
    let differ =
        |(what, value): Common| difference(what, shards.iter().map(|shard| (value(&shard.description), shard)));
    match differ(COMMIT) {
        Some(problem) => problems.push(problem),
        None => problems.extend(OF_A_COMMIT.into_iter().filter_map(differ)),
    }
    problems.extend(COMMON.into_iter().filter_map(differ));
    problems.extend(apps(shards));
    problems.extend(zig(shards));
    problems.extend(backends(shards));
    problems.extend(standard_libraries(shards));
    problems.extend(twice(shards));
    if problems.len() > before {
        // Against which of them should this workspace be held?
        return;
    }
    let own_version = env!("CARGO_PKG_VERSION");
    if first.tool != own_version {
        problems.push(ShardProblem::OtherTool { theirs: first.tool.clone(), own: own_version.to_owned() });
    }
    if first.git.commit != here.state.commit {
        let (theirs, own) = (first.git.commit.clone(), here.state.commit.clone());
        problems.push(ShardProblem::OtherCommit { theirs, own });
    }
    match (first.git.dirty, here.state.dirty) {
        (false, true) => problems.push(ShardProblem::DirtyHereOnly),
        (true, _) if !flags.allow_dirty => problems.push(ShardProblem::Dirty { whose: "the shards' tree was" }),
        _ => {}
    }
}

/// What is the same in all shards of a release, as text to be compared and shown.
type Common = (&'static str, fn(&ShardDescription) -> String);

const COMMIT: Common = ("commit", |shard| shard.git.commit.clone());

/// Of different commits these differ, too, and nobody needs to hear of it.
const OF_A_COMMIT: [Common; 4] = [
    ("describe", |shard| shard.git.describe.clone()),
    ("whether the tree was dirty", |shard| if shard.git.dirty { "dirty" } else { "clean" }.to_owned()),
    ("the commit's time", |shard| shard.git.commit_time.map_or_else(|| "unknown".to_owned(), |time| time.to_string())),
    ("the time of the release", |shard| shard.source_date_epoch.to_string()),
];

const COMMON: [Common; 4] = [
    ("branch", |shard| shard.git.branch.clone()),
    ("rustc", |shard| shard.rustc.clone()),
    ("flags", |shard| serde_json::to_string(&shard.build).unwrap_or_default()),
    ("build-tool", |shard| shard.tool.clone()),
];

fn difference<'a>(what: impl Into<String>, values: impl Iterator<Item = (String, &'a Shard)>) -> Option<ShardProblem> {
    let mut by_value: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (value, shard) in values {
        by_value.entry(value).or_default().push(shard.name());
    }
    (by_value.len() > 1).then(|| ShardProblem::Differ { what: what.into(), values: by_value.into_iter().collect() })
}

/// An app is the same wherever it was built.
fn apps(shards: &[Shard]) -> Vec<ShardProblem> {
    let mut by_name: BTreeMap<&str, Vec<(String, &Shard)>> = BTreeMap::new();
    for shard in shards {
        for app in &shard.description.apps {
            let programs = app.binaries.iter().chain(&app.libraries).cloned().collect::<Vec<_>>().join(" ");
            let value = format!("{} [{}] {programs}", app.version, app.profile);
            by_name.entry(&app.name).or_default().push((value, shard));
        }
    }
    by_name.into_iter().filter_map(|(name, values)| difference(name, values.into_iter())).collect()
}

/// One zig for all targets that it had a part in.
fn zig(shards: &[Shard]) -> Option<ShardProblem> {
    let used = shards.iter().filter_map(|shard| Some((shard.description.zig.clone()?, shard)));
    difference("zig", used)
}

/// A target has one standard library.
fn standard_libraries(shards: &[Shard]) -> Vec<ShardProblem> {
    let mut by_triple: BTreeMap<&str, Vec<(String, &Shard)>> = BTreeMap::new();
    for shard in shards {
        for (triple, origin) in &shard.description.standard_libraries {
            by_triple.entry(triple).or_default().push((origin.clone(), shard));
        }
    }
    let by_triple = by_triple.into_iter();
    by_triple
        .filter_map(|(triple, origins)| {
            difference(format!("where the standard library of {triple} came from"), origins.into_iter())
        })
        .collect()
}

/// A target is built in one way.
fn backends(shards: &[Shard]) -> Vec<ShardProblem> {
    let mut problems = Vec::new();
    let mut by_triple: BTreeMap<&str, Vec<(String, &Shard)>> = BTreeMap::new();
    for shard in shards {
        for (triple, name) in &shard.description.backends {
            by_triple.entry(triple).or_default().push((name.clone(), shard));
            if backend(name).is_none() {
                let (triple, name) = (triple.clone(), name.clone());
                problems.push(ShardProblem::UnknownBackend { shard: shard.name(), triple, name });
            }
        }
    }
    let values = by_triple.into_iter();
    let different =
        values.filter_map(|(triple, values)| difference(format!("the backend of {triple}"), values.into_iter()));
    problems.extend(different);
    problems
}

/// An app for a target is in one shard.
fn twice(shards: &[Shard]) -> Vec<ShardProblem> {
    let mut holders: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for shard in shards {
        for file in &shard.description.files {
            let holders = holders.entry((&file.target, &file.app)).or_default();
            if holders.last() != Some(&shard.name()) {
                holders.push(shard.name());
            }
        }
    }
    let twice = holders.into_iter().filter(|(_, shards)| shards.len() > 1);
    twice
        .map(|((triple, app), shards)| ShardProblem::Twice { triple: triple.to_owned(), app: app.to_owned(), shards })
        .collect()
}
