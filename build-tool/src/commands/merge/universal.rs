//! Whether the shards hold whole universal platforms. With a slice missing the
//! release would have none, and nobody would be told.

use std::collections::{BTreeMap, BTreeSet};

use super::Shard;
use super::problem::ShardProblem;
use crate::manifest::Manifests;
use crate::manifest::target::builtin;

/// Names the slices that are missing of platforms of which others are there.
pub(super) fn whole_platforms(shards: &[Shard], manifests: &Manifests, problems: &mut Vec<ShardProblem>) {
    let there: BTreeSet<&String> = shards.iter().flat_map(|shard| shard.description.backends.keys()).collect();
    for (platform, slices) in platforms(manifests) {
        let (here, missing): (Vec<&String>, Vec<&String>) = slices.iter().partition(|slice| there.contains(slice));
        if let Some(slice) = here.first() {
            problems.extend(missing.into_iter().map(|missing| ShardProblem::LacksSlice {
                platform: platform.clone(),
                missing: missing.clone(),
                slice: slice.to_string(),
            }));
        }
    }
}

/// The universal platforms that manifests speak of, and their slices.
fn platforms(manifests: &Manifests) -> BTreeMap<String, BTreeSet<String>> {
    let builtin = builtin();
    let mut platforms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for triple in builtin.keys().chain(manifests.targets.keys()) {
        let own = manifests.targets.get(triple).and_then(|loaded| loaded.peek().universal.as_ref());
        let known = builtin.get(triple).and_then(|manifest| manifest.universal.as_ref());
        if let Some(platform) = own.or(known) {
            platforms.entry(platform.to_string()).or_default().insert(triple.clone());
        }
    }
    platforms
}
