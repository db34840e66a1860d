//! Whether shards hold all of the release that this workspace says there is,
//! and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::Shard;
use super::problem::ShardProblem;
use crate::artifact::ArtifactId;
use crate::description::DescribedApp;
use crate::plan::{PlanError, plan};
use crate::release::Release;
use crate::stages::Part;

/// Names what is missing, and what there is too much of.
///
/// # Errors
/// The release cannot be planned.
pub(super) fn complete(release: &Release, shards: &[Shard], problems: &mut Vec<ShardProblem>) -> Result<(), PlanError> {
    apps(release, shards, problems);
    // What one machine would have made on its way to this release.
    let compiled = Release { imported: None, ..release.clone() };
    let plan = plan(&compiled, Part::SHARD)?;
    let state = release.folders.state();
    let planned: BTreeSet<&ArtifactId> = plan.finished_files(&state).map(|output| &output.id).collect();
    let mut there: BTreeMap<ArtifactId, String> = BTreeMap::new();
    for shard in shards {
        there.extend(shard.description.files.iter().map(|file| (file.id(), shard.name())));
    }
    let cell = |id: &ArtifactId| (id.app.clone().unwrap_or_default(), id.target.clone().unwrap_or_default());
    let holders: BTreeMap<_, _> = there.iter().map(|(id, shard)| (cell(id), shard)).collect();
    let mut missing = BTreeSet::new();
    for id in planned.iter().filter(|id| !there.contains_key(**id)) {
        let (app, triple) = cell(id);
        match holders.get(&(app.clone(), triple.clone())) {
            Some(shard) => {
                let (shard, file) = (shard.to_string(), id.name.clone());
                problems.push(ShardProblem::MissingFile { shard, file, app, triple });
            }
            None => drop(missing.insert((app, triple))),
        }
    }
    problems.extend(missing.into_iter().map(|(app, triple)| ShardProblem::Missing { app, triple }));
    for (id, shard) in there.iter().filter(|(id, _)| !planned.contains(id)) {
        let ((app, triple), file) = (cell(id), id.name.clone());
        problems.push(ShardProblem::Unexpected { shard: shard.clone(), file, app, triple });
    }
    Ok(())
}

/// An app is what this workspace says of it.
fn apps(release: &Release, shards: &[Shard], problems: &mut Vec<ShardProblem>) {
    for shard in shards {
        for theirs in &shard.description.apps {
            // One that is not part of this release has files that are not, either.
            let Some(own) = release.apps.iter().find(|app| app.name == theirs.name).map(DescribedApp::of) else {
                continue;
            };
            for (what, theirs_is, own_is) in [
                ("version", theirs.version.clone(), own.version.clone()),
                ("profile", theirs.profile.clone(), own.profile.clone()),
                ("programs", theirs.binaries.join(" "), own.binaries.join(" ")),
                ("libraries", theirs.libraries.join(" "), own.libraries.join(" ")),
            ] {
                if theirs_is != own_is {
                    problems.push(ShardProblem::OtherApp {
                        shard: shard.name(),
                        app: own.name.clone(),
                        what,
                        theirs: theirs_is,
                        own: own_is,
                    });
                }
            }
        }
    }
}
