//! Which bundle provides what, and who waits for whom.

use std::collections::HashMap;
use std::path::PathBuf;

use polyplug_abi::DependencyKind;
use polyplug_abi::identity::{guest_contract_id, host_contract_id};
use polyplug_abi::types::LogLevel;

use super::order;
use crate::error::{DuplicateBundle, DuplicateProvider, GraphError, MissingCapability};
use crate::loader::{Dependency, ManifestData, Provided};
use crate::logger::LoggerHandle;
use crate::similar::nearest;

/// How many missing dependencies get a look for something similar: each compares with every contract.
const COMPARED: usize = 20;

/// A node of the graph: bundles come first, then contracts.
pub(super) type Node = u32;

/// Bundles and contracts. A bundle waits for the contracts that it depends on, and those for their providers; so a
/// contract with many providers and many dependents costs their sum, not their product.
#[derive(Debug)]
pub struct CapabilityGraph {
    /// The bundles' names. Sorted: a bundle's number is its place by name.
    pub(super) bundles: Vec<String>,
    /// The contracts, as in `x.Y@1`.
    pub(super) contracts: Vec<String>,
    /// For every node what it waits for, and by which contract.
    pub(super) waits_for: Vec<Vec<Wait>>,
    logger: LoggerHandle,
}

/// That a node waits for another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub(super) node: Node,
    /// The contract that it is about.
    pub(super) contract: Node,
}

impl CapabilityGraph {
    /// The graph of these bundles; what there is to say on the way goes to the log.
    ///
    /// # Errors
    ///
    /// The first that there is of: two bundles of one name, names with one id, a contract with several providers,
    /// dependencies that nobody provides. All cases of it are in the error.
    pub fn from_manifests_with_logger(
        manifests: &[(PathBuf, ManifestData)],
        logger: LoggerHandle,
    ) -> Result<Self, GraphError> {
        let mut sorted: Vec<&(PathBuf, ManifestData)> = manifests.iter().collect();
        // Stable: bundles of one name stay in the order in which they were found.
        sorted.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
        unique_names(&sorted)?;
        let bundles: Vec<&ManifestData> = sorted.into_iter().map(|(_, manifest)| manifest).collect();
        unique_ids(&bundles)?;
        let providers = Providers::of(&bundles)?;
        let waits_for = providers.waits(&bundles)?;
        logger.log(LogLevel::Debug, "graph", || {
            format!("{} bundles provide {} contracts", bundles.len(), providers.contracts.len())
        });
        Ok(Self {
            bundles: bundles.into_iter().map(|manifest| manifest.name.clone()).collect(),
            contracts: providers.contracts.iter().map(|contract| contract.reference.clone()).collect(),
            waits_for,
            logger,
        })
    }

    /// The bundles' names so that every bundle comes after those that it depends on; of those that could come next, the
    /// first by name.
    ///
    /// # Errors
    ///
    /// Bundles depend on each other in a circle.
    pub fn topological_order(&self) -> Result<Vec<String>, GraphError> {
        let order = order::order(self)?;
        let order: Vec<String> = order.into_iter().map(|bundle| self.bundles[bundle as usize].clone()).collect();
        self.logger.log(LogLevel::Debug, "graph", || format!("order: {}", order.join(", ")));
        Ok(order)
    }
}

/// Refuses two bundles of one name.
fn unique_names(sorted: &[&(PathBuf, ManifestData)]) -> Result<(), GraphError> {
    let same_name = sorted.chunk_by(|(_, a), (_, b)| a.name == b.name).filter(|same| same.len() > 1);
    let duplicates = same_name.map(|same| DuplicateBundle {
        name: same[0].1.name.clone(),
        folders: same.iter().map(|(folder, _)| folder.clone()).collect(),
    });
    match duplicates.collect::<Vec<_>>() {
        none if none.is_empty() => Ok(()),
        duplicates => Err(GraphError::DuplicateBundle { duplicates }),
    }
}

/// Refuses two names with one hash: nobody could tell them apart.
fn unique_ids(bundles: &[&ManifestData]) -> Result<(), GraphError> {
    let mut names: HashMap<(&'static str, u64), (&str, u16)> = HashMap::new();
    let mut check = |what, id, name, major| match names.insert((what, id), (name, major)) {
        Some(first) if first != (name, major) => Err(collision(what, first, (name, major), id)),
        _ => Ok(()),
    };
    for manifest in bundles {
        check("the bundles", manifest.id, &manifest.name, 0)?;
        for it in &manifest.provides {
            let major = it.version.major;
            check("the contracts", guest_contract_id(&it.contract, major), &it.contract, major)?;
        }
        for it in &manifest.dependencies {
            let major = it.min_version.major;
            match it.kind {
                DependencyKind::GuestContract => {
                    check("the contracts", guest_contract_id(&it.contract, major), &it.contract, major)?;
                }
                DependencyKind::HostContract => {
                    check("the host contracts", host_contract_id(&it.contract, major), &it.contract, major)?;
                }
            }
        }
    }
    Ok(())
}

fn collision(what: &'static str, first: (&str, u16), second: (&str, u16), id: u64) -> GraphError {
    let shown = |(name, major): (&str, u16)| match what {
        "the bundles" => name.to_owned(),
        _ => format!("{name}@{major}"),
    };
    GraphError::ContractIdCollision { what, first: shown(first), second: shown(second), id }
}

/// A contract with those who provide it.
struct Contract<'a> {
    name: &'a str,
    major: u16,
    reference: String,
    providers: Vec<Node>,
}

/// The contracts that are provided, in the order in which they were met.
struct Providers<'a> {
    contracts: Vec<Contract<'a>>,
    by_id: HashMap<u64, usize>,
}

impl<'a> Providers<'a> {
    /// Collects them, and refuses several providers of a contract unless all of them allow for it.
    fn of(bundles: &[&'a ManifestData]) -> Result<Self, GraphError> {
        let mut all = Self { contracts: Vec::new(), by_id: HashMap::new() };
        for (bundle, manifest) in (0..).zip(bundles) {
            for provided in &manifest.provides {
                let index = *all.by_id.entry(provided.id()).or_insert(all.contracts.len());
                if index == all.contracts.len() {
                    let (name, major) = (provided.contract.as_str(), provided.version.major);
                    let (reference, providers) = (provided.reference(), Vec::new());
                    all.contracts.push(Contract { name, major, reference, providers });
                }
                all.contracts[index].providers.push(bundle);
            }
        }
        let shared = all.contracts.iter().filter(|contract| contract.providers.len() > 1);
        match shared.filter_map(|contract| contract.refused(bundles)).collect::<Vec<_>>() {
            none if none.is_empty() => Ok(all),
            duplicates => Err(GraphError::DuplicateProvider { duplicates }),
        }
    }

    /// Who waits for whom.
    fn waits(&self, bundles: &[&ManifestData]) -> Result<Vec<Vec<Wait>>, GraphError> {
        let node_of = |contract: usize| (bundles.len() + contract) as Node;
        let by_name: HashMap<&str, Node> = (0..).zip(bundles).map(|(node, it)| (it.name.as_str(), node)).collect();
        let mut waits: Vec<Vec<Wait>> = Vec::with_capacity(bundles.len() + self.contracts.len());
        let mut missing = Vec::new();
        for manifest in bundles {
            let mut own = Vec::with_capacity(manifest.dependencies.len());
            // What the host provides is there before any bundle.
            let guests = manifest.dependencies.iter().filter(|it| it.kind == DependencyKind::GuestContract);
            for dependency in guests {
                let contract = self.by_id.get(&dependency.id()).copied();
                let provider = match (&dependency.bundle, contract) {
                    (None, contract) => contract.map(node_of),
                    (Some(name), Some(contract)) => by_name
                        .get(name.as_str())
                        .copied()
                        .filter(|bundle| self.contracts[contract].providers.binary_search(bundle).is_ok()),
                    (Some(_), None) => None,
                };
                match (provider, contract) {
                    (Some(node), Some(contract)) => own.push(Wait { node, contract: node_of(contract) }),
                    _ => missing.push((manifest.name.as_str(), dependency)),
                }
            }
            waits.push(own);
        }
        if !missing.is_empty() {
            return Err(self.missing(&missing, bundles, &by_name));
        }
        for (index, contract) in self.contracts.iter().enumerate() {
            let wait = |bundle: &Node| Wait { node: *bundle, contract: node_of(index) };
            waits.push(contract.providers.iter().map(wait).collect());
        }
        Ok(waits)
    }

    fn missing(
        &self,
        missing: &[(&str, &Dependency)],
        bundles: &[&ManifestData],
        by_name: &HashMap<&str, Node>,
    ) -> GraphError {
        let missing = missing.iter().enumerate().map(|(index, (dependent, dependency))| MissingCapability {
            dependent: (*dependent).to_owned(),
            kind: DependencyKind::GuestContract,
            contract: dependency.reference(),
            bundle: dependency.bundle.clone(),
            similar: if index < COMPARED { self.similar(dependency, bundles, by_name) } else { Vec::new() },
        });
        GraphError::MissingCapability { missing: missing.collect() }
    }

    /// What there is that may have been meant.
    fn similar(
        &self,
        dependency: &Dependency,
        bundles: &[&ManifestData],
        by_name: &HashMap<&str, Node>,
    ) -> Vec<String> {
        let of = |contract: &Contract<'_>| {
            let names = contract.providers.iter().map(|bundle| bundles[*bundle as usize].name.as_str());
            format!("`{}` of {}", contract.reference, crate::error::quoted(&names.collect::<Vec<_>>()))
        };
        let mut similar = Vec::new();
        if let Some(bundle) = dependency.bundle.as_deref().filter(|bundle| !by_name.contains_key(bundle)) {
            let near = nearest(bundle, bundles.iter().map(|bundle| bundle.name.as_str()));
            similar.extend(near.map(|near| format!("a bundle `{near}`")));
        }
        let same_name = self.contracts.iter().filter(|contract| contract.name == dependency.contract);
        similar.extend(same_name.map(of));
        if similar.is_empty()
            && let Some(near) = nearest(&dependency.contract, self.contracts.iter().map(|contract| contract.name))
        {
            similar.extend(self.contracts.iter().filter(|contract| contract.name == near).map(of));
        }
        similar
    }
}

impl Contract<'_> {
    /// What is wrong with its having several providers: not all of them allow for it.
    fn refused(&self, bundles: &[&ManifestData]) -> Option<DuplicateProvider> {
        let is_this = |it: &&Provided| it.contract == self.name && it.version.major == self.major;
        let is_exclusive = |bundle: &&Node| {
            bundles[**bundle as usize].provides.iter().find(is_this).is_some_and(|provided| !provided.multiple)
        };
        let name = |bundle: &Node| bundles[*bundle as usize].name.clone();
        let exclusive: Vec<String> = self.providers.iter().filter(is_exclusive).map(name).collect();
        let bundles = self.providers.iter().map(name).collect();
        (!exclusive.is_empty()).then(|| DuplicateProvider { contract: self.reference.clone(), bundles, exclusive })
    }
}
