//! Release → plan: a pure function. The plan is the graph of steps that makes
//! the release; what is shown before a run is what the run follows.

mod dot;
mod json;
mod matrix;
mod table;
pub(crate) mod table_look;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::artifact::ArtifactId;
use crate::release::Release;
use crate::stages::{Input, PIPELINE, Part, Place, Step, Subject, Tool, is_shipped};
pub use dot::dot;
pub use json::{SCHEMA, json};
pub use matrix::github_matrix;
pub use table::table;

/// The release cannot be planned.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum PlanError {
    /// Two steps would write the same file.
    #[error("two apps would make the same file {}: {first} and {second}", path.display())]
    #[diagnostic(help(
        "give one of them another name: `name = \"…\"` in its package manifest, or another binary name in its Cargo.toml"
    ))]
    DuplicateArtifact {
        /// The file.
        path: PathBuf,
        /// Who makes it.
        first: String,
        /// Who makes it, too.
        second: String,
    },
}

/// A step with its place in the graph.
#[derive(Debug)]
pub struct PlannedStep {
    /// Unique, readable and the same in every run: `STAGE/APP/TARGET`.
    pub id: String,
    /// The stage's name.
    pub stage: &'static str,
    /// The step itself.
    pub step: Box<dyn Step>,
    /// What it is about.
    pub subject: Subject,
    /// What it reads.
    pub inputs: Vec<PlannedInput>,
    /// What it makes.
    pub outputs: Vec<PlannedOutput>,
    /// The steps that have to make something first, by index, sorted.
    pub needs: Vec<usize>,
}

/// Something that a step reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlannedInput {
    /// What another step makes.
    Made {
        /// The artifact.
        id: ArtifactId,
        /// Where that step puts it.
        path: PathBuf,
    },
    /// A file of the workspace.
    File(PathBuf),
}

/// Something that a step makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedOutput {
    /// The artifact.
    pub id: ArtifactId,
    /// Where it goes.
    pub path: PathBuf,
    /// Which folder that is.
    pub place: Place,
}

/// The graph of steps that makes a release. Steps stand in an order in which they could run.
#[derive(Debug)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<PlannedStep>,
}

/// Plans the parts of a release that a verb makes.
///
/// # Errors
/// Two steps would write the same file.
pub fn plan(release: &Release, parts: &[Part]) -> Result<Plan, PlanError> {
    let mut steps: Vec<(&'static str, Box<dyn Step>)> = Vec::new();
    for stage in PIPELINE {
        if parts.contains(&stage.part) && !release.skip.contains(stage.name) {
            steps.extend((stage.plan)(release).into_iter().map(|step| (stage.name, step)));
        }
    }
    connect(release, steps)
}

/// Gives every output its path, and every input the step that makes it.
fn connect(release: &Release, steps: Vec<(&'static str, Box<dyn Step>)>) -> Result<Plan, PlanError> {
    let mut last_producer: BTreeMap<ArtifactId, usize> = BTreeMap::new();
    for (index, (_, step)) in steps.iter().enumerate() {
        last_producer.extend(step.outputs().into_iter().map(|output| (output.id, index)));
    }
    let mut latest: BTreeMap<ArtifactId, (usize, PathBuf)> = BTreeMap::new();
    let mut shipped: Vec<ArtifactId> = Vec::new();
    let mut makers: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut planned: Vec<PlannedStep> = Vec::new();
    for (index, (stage, step)) in steps.into_iter().enumerate() {
        let subject = step.subject();
        let mut needs = Vec::new();
        let mut inputs = Vec::new();
        for input in step.inputs() {
            if matches!(input, Input::Finished | Input::Shipped) {
                // What seals a release or a shard waits for those that only check it.
                let checks = planned.iter().enumerate().filter(|(_, step)| step.outputs.is_empty());
                needs.extend(checks.map(|(index, _)| index));
            }
            let ids = match input {
                Input::File(path) => {
                    inputs.push(PlannedInput::File(path));
                    continue;
                }
                Input::Artifact(id) => vec![id],
                Input::Finished => latest.keys().filter(|id| !is_shipped(id.kind)).cloned().collect(),
                Input::Shipped => shipped.clone(),
            };
            for id in ids {
                if let Some((producer, path)) = latest.get(&id) {
                    needs.push(*producer);
                    inputs.push(PlannedInput::Made { id, path: path.clone() });
                }
            }
        }
        needs.sort_unstable();
        needs.dedup();
        let id = step_id(stage, &subject, &planned);
        let mut outputs = Vec::new();
        for output in step.outputs() {
            let finished = last_producer.get(&output.id) == Some(&index);
            let path = output_path(release, stage, &output.id, output.place, &subject, finished);
            if let Some(first) = makers.insert(path.clone(), id.clone()) {
                return Err(PlanError::DuplicateArtifact { path, first, second: id });
            }
            if is_shipped(output.id.kind) {
                shipped.push(output.id.clone());
            }
            outputs.push(PlannedOutput { id: output.id, path, place: output.place });
        }
        // Only now: a step that transforms an artifact reads its earlier form.
        latest.extend(outputs.iter().map(|output| (output.id.clone(), (index, output.path.clone()))));
        planned.push(PlannedStep { id, stage, step, subject, inputs, outputs, needs });
    }
    Ok(Plan { steps: planned })
}

fn step_id(stage: &str, subject: &Subject, planned: &[PlannedStep]) -> String {
    let one = |names: &[String]| match names {
        [name] => Some(name.clone()),
        _ => None,
    };
    let parts = [Some(stage.to_owned()), one(&subject.apps), one(&subject.targets)];
    let base = parts.into_iter().flatten().collect::<Vec<_>>().join("/");
    let same = planned
        .iter()
        .rev()
        .take_while(|step| step.stage == stage)
        .filter(|step| step.id == base || step.id.strip_prefix(&base).is_some_and(|rest| rest.starts_with('#')));
    match same.count() {
        0 => base,
        count => format!("{base}#{}", count + 1),
    }
}

/// A finished file lies where `build` shows it; its earlier forms lie in a folder of the stage that made them.
fn output_path(
    release: &Release,
    stage: &str,
    id: &ArtifactId,
    place: Place,
    subject: &Subject,
    finished: bool,
) -> PathBuf {
    if place == Place::Dist {
        return release.folders.dist.join(&id.name);
    }
    let state = release.folders.state();
    let folder = if finished { state } else { state.join("stages").join(stage) };
    let profile = subject.profile.as_deref().unwrap_or_default();
    folder.join(id.target.as_deref().unwrap_or_default()).join(profile).join(id.path())
}

impl Plan {
    /// The tools that the steps start, sorted.
    pub fn tools(&self) -> Vec<Tool> {
        let mut tools: Vec<_> = self.steps.iter().flat_map(|step| step.step.tools()).collect();
        tools.sort_unstable();
        tools.dedup();
        tools
    }

    /// The files that the plan puts into the dist folder.
    pub fn dist_files(&self) -> impl Iterator<Item = &PlannedOutput> {
        self.steps.iter().flat_map(|step| &step.outputs).filter(|output| output.place == Place::Dist)
    }

    /// The finished files of the work folder: what `build` is for.
    pub fn finished_files<'a>(&'a self, state: &'a Path) -> impl Iterator<Item = &'a PlannedOutput> {
        let stages = state.join("stages");
        let outputs = self.steps.iter().flat_map(|step| &step.outputs);
        outputs.filter(move |output| output.place == Place::Work && !output.path.starts_with(&stages))
    }

    /// The steps as a graph; an edge leads from a step to one that needs it.
    pub fn graph(&self) -> DiGraph<usize, ()> {
        let mut graph = DiGraph::with_capacity(self.steps.len(), self.steps.len() * 2);
        for index in 0..self.steps.len() {
            graph.add_node(index);
        }
        for (index, step) in self.steps.iter().enumerate() {
            for &need in &step.needs {
                graph.add_edge(NodeIndex::new(need), NodeIndex::new(index), ());
            }
        }
        graph
    }

    /// The chain of steps that took longest: the time that no further processor could have saved.
    pub fn longest_path(&self, durations: &[u64]) -> Vec<usize> {
        // Steps stand in a topological order: one pass is enough.
        let mut best: Vec<(u64, Option<usize>)> = Vec::with_capacity(self.steps.len());
        for (index, step) in self.steps.iter().enumerate() {
            let before = step.needs.iter().map(|&need| (best[need].0, need)).max();
            let own = durations.get(index).copied().unwrap_or(0);
            best.push((own + before.map_or(0, |(total, _)| total), before.map(|(_, need)| need)));
        }
        let mut at = (0..best.len()).max_by_key(|&index| best[index].0);
        let mut path = Vec::new();
        while let Some(index) = at {
            path.push(index);
            at = best[index].1;
        }
        path.reverse();
        path
    }
}
