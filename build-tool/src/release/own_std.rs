//! A target's own standard library: the package of the workspace that its
//! manifest names, as far as it can be checked before anything is compiled.

use std::collections::BTreeSet;
use std::path::PathBuf;

use cargo_metadata::{DependencyKind, NodeDep, Package, PackageId, TargetKind};
use located::{Located, LocatedError, nearest};
use serde::Serialize;

use super::error::Problem;
use super::groups::package_spec;
use crate::manifest::target::StdSource;
use crate::workspace::Workspace;

/// The name that the library has to have.
const LIBRARY: &str = "std";

/// The standard library that a target brings along.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct OwnStd {
    /// The package's name.
    pub package: String,
    /// The package, as cargo's `-p` takes it.
    pub spec: String,
    /// Its features, besides the default ones.
    pub features: Vec<String>,
    /// Whether its default features are on.
    pub default_features: bool,
    /// Where the sources of the package, the first, and of all that it is made of lie.
    #[serde(skip)]
    pub sources: Vec<PathBuf>,
}

/// What the manifest's table says, held against the workspace.
pub(super) fn resolve(
    said: &StdSource,
    workspace: &Workspace,
    problems: &mut Vec<LocatedError<Problem>>,
) -> Option<OwnStd> {
    let name = said.package.value();
    let members = workspace.members();
    let Some(package) = members.iter().find(|package| package.name.as_str() == name) else {
        let known: Vec<String> = members.iter().map(|package| package.name.to_string()).collect();
        let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        problems.push(said.package.explain(Problem::UnknownStd { name: name.clone(), nearest }, "no such package"));
        return None;
    };
    let is_library = |target: &&cargo_metadata::Target| {
        target.kind.iter().any(|kind| matches!(kind, TargetKind::Lib | TargetKind::RLib))
    };
    match package.targets.iter().find(is_library) {
        Some(library) if library.name == LIBRARY => {}
        other => {
            let library = other.map(|library| library.name.clone());
            let problem = Problem::NotStd { package: name.clone(), library };
            problems.push(said.package.explain(problem, "not a library named `std`"));
            return None;
        }
    }
    for feature in said.features.iter().flatten().filter(|feature| !package.features.contains_key(feature.value())) {
        problems.push(unknown_feature(feature, package));
    }
    Some(OwnStd {
        package: name.clone(),
        spec: package_spec(workspace, name, &package.id.repr),
        features: super::profiles::strings(said.features.as_deref()),
        default_features: said.default_features.as_ref().is_none_or(|on| *on.value()),
        sources: sources(workspace, &package.id),
    })
}

fn unknown_feature(feature: &Located<String>, package: &Package) -> LocatedError<Problem> {
    let known: Vec<String> = package.features.keys().cloned().collect();
    let problem = Problem::UnknownStdFeature {
        package: package.name.to_string(),
        name: feature.value().clone(),
        nearest: nearest(feature.value(), known.iter().map(String::as_str)).map(str::to_owned),
        known,
    };
    feature.explain(problem, "no such feature")
}

/// The folders of a package and of everything that is linked with it, in an order that no machine decides.
fn sources(workspace: &Workspace, package: &PackageId) -> Vec<PathBuf> {
    let nodes = workspace.metadata.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let linked = |dependency: &&NodeDep| {
        dependency.dep_kinds.is_empty() || dependency.dep_kinds.iter().any(|info| info.kind == DependencyKind::Normal)
    };
    let (mut seen, mut queue) = (BTreeSet::new(), vec![package]);
    while let Some(id) = queue.pop() {
        if seen.insert(id) {
            let node = nodes.clone().find(|node| node.id == *id);
            queue.extend(node.iter().flat_map(|node| &node.deps).filter(linked).map(|dependency| &dependency.pkg));
        }
    }
    seen.remove(package);
    let mut others: Vec<&Package> = seen.into_iter().filter_map(|id| workspace.package(id)).collect();
    others.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    let all = workspace.package(package).into_iter().chain(others);
    let folders = all.filter_map(|package| package.manifest_path.parent());
    folders.map(|folder| folder.as_std_path().to_owned()).collect()
}
