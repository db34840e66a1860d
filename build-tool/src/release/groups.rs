//! What one cargo call compiles. cargo unifies features over everything that
//! one call builds, so apps and targets share a call only where each gets in
//! it what it would get alone: then an app's bytes do not depend on what is
//! released beside it, and build scripts still compile once.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{Package, PackageId};

use super::target::OLDEST_MACOS;
use super::{App, Caller, CompileGroup, EnvValue, OwnStd, Rustc};
use crate::workspace::Workspace;
use crate::workspace::features::{Cfgs, FeatureRequest, Platform, Resolution, Resolver, conflict};

/// What makes two cells (an app for a target) differ before any feature is resolved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CellSettings {
    pub(super) request: FeatureRequest,
    /// For this target alone: in one call, each target has its own.
    pub(super) rustflags: Vec<String>,
    pub(super) env: BTreeMap<String, EnvValue>,
    pub(super) caller: Caller,
    /// What rustc compiles for.
    pub(super) spec: String,
    /// The target's triple, where it shares nothing with others.
    pub(super) apart: Option<String>,
    /// The standard library that it brings along.
    pub(super) own_std: Option<OwnStd>,
    /// Whether its standard library can be had.
    pub(super) buildable: bool,
    /// `MACOSX_DEPLOYMENT_TARGET`, where the target has a choice.
    pub(super) deployment_target: Option<String>,
    /// What rustc is told with `--cfg`, by all sources: dependencies may hang on it.
    pub(super) cfgs: Cfgs,
    /// Whether it makes no dynamic libraries.
    pub(super) links_statically: bool,
}

impl CellSettings {
    /// Whether one call can serve both, each for its own target.
    fn agrees_with(&self, other: &Self) -> bool {
        let same_deployment = match (&self.deployment_target, &other.deployment_target) {
            (Some(own), Some(others)) => own == others,
            _ => true,
        };
        self.request == other.request
            && self.env == other.env
            && self.caller == other.caller
            && self.apart == other.apart
            && self.buildable == other.buildable
            && same_deployment
    }
}

/// Everything that grouping looks at.
pub(super) struct Grouping<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) rustc: &'a Rustc,
    /// By (app, target).
    pub(super) settings: &'a BTreeMap<(String, String), CellSettings>,
    /// Whether features may be unified over everything: where nothing is shipped, as few calls as can be.
    pub(super) unify: bool,
}

/// One app with the targets on which it resolves alike.
struct Block<'a> {
    app: &'a App,
    targets: BTreeMap<&'a str, &'a CellSettings>,
    resolution: Option<Resolution>,
}

impl<'a> Block<'a> {
    /// Those of any of its targets: in what matters to the call they agree.
    fn settings(&self) -> impl Iterator<Item = &'a CellSettings> {
        self.targets.values().copied()
    }

    /// Whether its targets, and the flags of each, are the same.
    fn same_targets(&self, other: &Self) -> bool {
        let flags = |block: &Self| block.targets.iter().map(|(t, s)| (*t, s.rustflags.clone())).collect::<Vec<_>>();
        flags(self) == flags(other)
    }
}

/// The groups, each a full rectangle of apps × targets, in a fixed order.
pub(super) fn groups(apps: &[App], grouping: &Grouping<'_>) -> Vec<CompileGroup> {
    let blocks: Vec<Block<'_>> = Resolutions::new(grouping).blocks(apps);
    let mut groups: Vec<Vec<Block<'_>>> = Vec::new();
    for block in blocks {
        let place = groups.iter_mut().find(|group| group.iter().all(|other| may_share(other, &block, grouping.unify)));
        match place {
            Some(group) => group.push(block),
            None => groups.push(vec![block]),
        }
    }
    let reasons: Vec<String> = (0..groups.len()).map(|index| reason(&groups, index, grouping)).collect();
    groups.iter().zip(reasons).filter_map(|(blocks, why)| compile_group(blocks, why, grouping)).collect()
}

fn may_share(a: &Block<'_>, b: &Block<'_>, unify: bool) -> bool {
    let resolutions = a.resolution.as_ref().zip(b.resolution.as_ref());
    a.app.profile == b.app.profile
        && a.same_targets(b)
        && a.settings().all(|own| b.settings().all(|other| may_share_settings(own, other)))
        // `--bin NAME` would be looked for in every package of the call.
        && !a.app.narrowed
        && !b.app.narrowed
        && (unify || resolutions.is_some_and(|(a, b)| conflict(a, b).is_none()))
}

/// Two apps may ask for other features by name, since `-p` and `PACKAGE/FEATURE` keep them apart.
fn may_share_settings(a: &CellSettings, b: &CellSettings) -> bool {
    let named = FeatureRequest { named: b.request.named.clone(), ..a.request.clone() };
    CellSettings { request: named, ..a.clone() }.agrees_with(b)
}

/// Feature resolutions, each computed once for all targets on which the same platform conditions hold.
struct Resolutions<'a> {
    grouping: &'a Grouping<'a>,
    resolver: Resolver<'a>,
    host: Option<Platform>,
    platforms: BTreeMap<(String, Cfgs), Option<Platform>>,
}

impl<'a> Resolutions<'a> {
    fn new(grouping: &'a Grouping<'a>) -> Self {
        let resolver = Resolver::new(grouping.workspace);
        // With --target, what is built for the host gets no flags.
        let host = resolver.platform(&grouping.rustc.host, &Cfgs::new());
        Self { grouping, resolver, host, platforms: BTreeMap::new() }
    }

    fn blocks(mut self, apps: &'a [App]) -> Vec<Block<'a>> {
        apps.iter().flat_map(|app| self.blocks_of(app)).collect()
    }

    fn blocks_of(&mut self, app: &'a App) -> Vec<Block<'a>> {
        let mut blocks: Vec<Block<'a>> = Vec::new();
        let mut known: BTreeMap<(Platform, &CellSettings), Option<Resolution>> = BTreeMap::new();
        for target in &app.targets {
            let Some(settings) = self.grouping.settings.get(&(app.name.clone(), target.clone())) else { continue };
            let platform = if self.grouping.unify { None } else { self.platform(&settings.spec, &settings.cfgs) };
            let resolution = platform.zip(self.host.clone()).and_then(|(platform, host)| {
                let resolver = &self.resolver;
                known
                    .entry((platform.clone(), settings))
                    .or_insert_with(|| resolver.resolve(&roots(app, &settings.request), &platform, &host))
                    .clone()
            });
            // One call resolves features for all of its targets together.
            let same = blocks.iter_mut().find(|block| {
                let unified = || block.resolution.as_ref().zip(resolution.as_ref());
                block.settings().all(|other| other.agrees_with(settings))
                    && (self.grouping.unify || unified().is_some_and(|(a, b)| conflict(a, b).is_none()))
            });
            match same {
                Some(block) => {
                    block.targets.insert(target, settings);
                    if let Some(resolution) = resolution {
                        block.resolution.get_or_insert_default().extend(resolution);
                    }
                }
                None => {
                    blocks.push(Block { app, targets: BTreeMap::from([(target.as_str(), settings)]), resolution });
                }
            }
        }
        blocks
    }

    fn platform(&mut self, triple: &str, cfgs: &Cfgs) -> Option<Platform> {
        let key = (triple.to_owned(), cfgs.clone());
        let resolver = &self.resolver;
        self.platforms.entry(key).or_insert_with(|| resolver.platform(triple, cfgs)).clone()
    }
}

/// The packages that an app is compiled from, each with the features that the call asks for. Those that are asked for by
/// name are the app's own.
fn roots(app: &App, request: &FeatureRequest) -> Vec<(PackageId, FeatureRequest)> {
    let of_bundle = FeatureRequest { named: Vec::new(), ..request.clone() };
    let id = |id: &str| PackageId { repr: id.to_owned() };
    let own = (id(&app.package_id), request.clone());
    let bundles = app.bundles.iter().map(|bundle| (id(&bundle.package_id), of_bundle.clone()));
    [own].into_iter().chain(bundles).collect()
}

/// Why a group is as it is: for the plan.
fn reason(groups: &[Vec<Block<'_>>], index: usize, grouping: &Grouping<'_>) -> String {
    let apart = groups[index].iter().flat_map(Block::settings).find(|settings| settings.apart.is_some());
    if let Some(settings) = apart {
        return match &settings.own_std {
            Some(own) => format!("its own cargo call, after that of its standard library, {}", own.package),
            None => format!("its own cargo call: its target is a name of its own for {}", settings.spec),
        };
    }
    let [block] = groups[index].as_slice() else {
        return "one cargo call: each gets the features that it gets alone".to_owned();
    };
    if groups.len() == 1 {
        return "one cargo call for everything".to_owned();
    }
    let others = groups.iter().enumerate().filter(|(at, _)| *at != index).flat_map(|(_, group)| group);
    let clash = others.filter_map(|other| {
        let package = conflict(other.resolution.as_ref()?, block.resolution.as_ref()?)?;
        let package = &grouping.workspace.metadata.packages.get(package)?.name;
        Some(format!("its own cargo call: beside {}, {package} would get other features", other.app.name))
    });
    let settings = || "its own cargo call: its targets, flags or settings are its own".to_owned();
    clash.into_iter().next().unwrap_or_else(settings)
}

/// None if the group is empty, which none is.
fn compile_group(blocks: &[Block<'_>], why: String, grouping: &Grouping<'_>) -> Option<CompileGroup> {
    let block = blocks.first()?;
    let first = block.settings().next()?;
    let features: BTreeSet<String> = blocks
        .iter()
        .flat_map(|block| block.settings().map(move |settings| (block.app, settings)))
        .flat_map(|(app, settings)| settings.request.named.iter().map(move |name| qualified(app, name)))
        .collect();
    Some(CompileGroup {
        profile: block.app.profile.clone(),
        apps: blocks.iter().map(|block| block.app.name.clone()).collect(),
        packages: blocks
            .iter()
            .flat_map(|block| block.app.packages())
            .map(|(name, id)| package_spec(grouping.workspace, name, id))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        rustflags: block.targets.iter().map(|(target, own)| ((*target).to_owned(), own.rustflags.clone())).collect(),
        targets: block.targets.keys().map(ToString::to_string).collect(),
        apart: first.apart.clone(),
        own_std: first.own_std.clone(),
        caller: first.caller,
        buildable: first.buildable,
        // Always said: else the `cc` crate asks for an SDK's version, or takes one of its own.
        deployment_target: block
            .settings()
            .find_map(|settings| settings.deployment_target.clone())
            .unwrap_or_else(|| OLDEST_MACOS.to_owned()),
        features: features.into_iter().collect(),
        request: first.request.clone(),
        only_binaries: block.app.narrowed.then(|| block.app.binaries.clone()).filter(|names| !names.is_empty()),
        library: !block.app.libraries.is_empty() || !block.app.bundles.is_empty(),
        env: first.env.clone(),
        why,
    })
}

fn qualified(app: &App, feature: &str) -> String {
    if feature.contains('/') { feature.to_owned() } else { format!("{}/{feature}", app.package) }
}

/// The plain name where it is unique in the graph, else cargo's whole id.
pub(super) fn package_spec(workspace: &Workspace, name: &str, id: &str) -> String {
    let same_name = |package: &&Package| package.name.as_str() == name;
    let unique = workspace.metadata.packages.iter().filter(same_name).count() == 1;
    if unique { name.to_owned() } else { id.to_owned() }
}
