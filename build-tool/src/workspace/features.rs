//! Which features each package of an app's dependency graph gets, computed
//! from `cargo metadata` alone. The release needs it for one question: would
//! two apps (or two targets), built by one cargo call, each still get the
//! features that they get alone? Cargo unifies features over everything that
//! one call builds, so only where the answer is yes may they share a call;
//! otherwise an app's bytes would depend on what is released beside it.
//!
//! The rules are those of the Cargo book, "Features" and "Feature resolver
//! version 2". Where this model is unsure it says "not the same", which costs
//! a second call and never a wrong byte.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DepKindInfo, Dependency, DependencyKind, Package, PackageId};
use cfg_expr::targets::get_builtin_target_by_triple;
use cfg_expr::{Expression, Predicate};

use super::Workspace;

/// The features that an app is built with, before its own feature table expands them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeatureRequest {
    /// `--all-features`.
    pub all: bool,
    /// Not `--no-default-features`.
    pub default: bool,
    /// Named features, sorted.
    pub named: Vec<String>,
}

/// Features by (package, built for the host): what one cargo call would build.
pub type Resolution = BTreeMap<(usize, bool), BTreeSet<String>>;

/// The first package (by index) that would get other features in a call that builds both than it gets alone.
pub fn conflict(a: &Resolution, b: &Resolution) -> Option<usize> {
    let (small, large) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let differs =
        |(key, features): &(&(usize, bool), &BTreeSet<String>)| large.get(key).is_some_and(|other| other != *features);
    small.iter().find(differs).map(|((package, _), _)| *package)
}

/// One resolved dependency.
struct Edge {
    /// The dependency's name in the code.
    name: String,
    /// As what it is depended on: the kind, and the condition.
    kinds: Vec<(DependencyKind, Option<String>)>,
    /// The package's index.
    to: usize,
}

/// Resolves features over one workspace's dependency graph.
pub struct Resolver<'workspace> {
    workspace: &'workspace Workspace,
    /// Package index → its edges in the resolved graph.
    edges: Vec<Vec<Edge>>,
    index: BTreeMap<&'workspace PackageId, usize>,
    conditions: BTreeSet<String>,
}

impl<'workspace> Resolver<'workspace> {
    /// Prepares the graph.
    pub fn new(workspace: &'workspace Workspace) -> Self {
        let packages = &workspace.metadata.packages;
        let index: BTreeMap<_, _> = packages.iter().enumerate().map(|(at, package)| (&package.id, at)).collect();
        let mut edges: Vec<Vec<Edge>> = packages.iter().map(|_| Vec::new()).collect();
        for node in workspace.metadata.resolve.iter().flat_map(|resolve| &resolve.nodes) {
            let Some(&from) = index.get(&node.id) else { continue };
            edges[from] = node
                .deps
                .iter()
                .filter_map(|dep| {
                    let kind = |info: &DepKindInfo| (info.kind, info.target.as_ref().map(ToString::to_string));
                    let kinds = dep.dep_kinds.iter().map(kind).collect();
                    Some(Edge { name: dep.name.clone(), kinds, to: *index.get(&dep.pkg)? })
                })
                .collect();
        }
        let conditions = packages
            .iter()
            .flat_map(|package| &package.dependencies)
            .filter_map(|dependency| dependency.target.as_ref().map(ToString::to_string))
            .collect();
        Self { workspace, edges, index, conditions }
    }

    /// Which of the graph's platform conditions hold on `triple` where rustc gets `--cfg` for each of
    /// `cfgs`: targets with equal answers resolve alike. `None` where that cannot be told (a triple of
    /// the user's own, a condition on a target feature).
    pub fn platform(&self, triple: &str, cfgs: &Cfgs) -> Option<Platform> {
        if self.workspace.resolver == 1 {
            return Some(Platform::default()); // version 1 does not look at the platform
        }
        let holds = self.conditions.iter().map(|text| Some((text.clone(), condition_holds(text, triple, cfgs)?)));
        holds.collect::<Option<_>>().map(|holds| Platform { holds })
    }

    /// The features of everything that building these packages for `platform` (on `host`) in one call takes. `None` where
    /// the graph does not say: cargo was asked without the feature that brings a dependency in, or
    /// one entry of a manifest could mean several packages.
    pub fn resolve(
        &self,
        packages: &[(PackageId, FeatureRequest)],
        platform: &Platform,
        host: &Platform,
    ) -> Option<Resolution> {
        let index = |package| self.index.get(package).copied();
        let roots = packages.iter().map(|(package, request)| Some((index(package)?, request)));
        let roots: Vec<(usize, &FeatureRequest)> = roots.collect::<Option<_>>()?;
        let mut walk = Walk {
            resolver: self,
            platform,
            host,
            roots: roots.iter().map(|(root, _)| *root).collect(),
            merged: self.workspace.resolver == 1,
            resolution: Resolution::new(),
            queue: Vec::new(),
            unknown: false,
        };
        for (root, request) in roots {
            walk.require(root, false, request);
        }
        walk.run();
        (!walk.unknown).then_some(walk.resolution)
    }
}

/// Which platform conditions hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    holds: BTreeMap<String, bool>,
}

/// What rustc is told with `--cfg`: names, some with a value.
pub type Cfgs = BTreeSet<(String, Option<String>)>;

/// The `--cfg` values among rustc's flags.
pub fn cfgs<'a>(flags: impl IntoIterator<Item = &'a String>) -> Cfgs {
    let mut cfgs = Cfgs::new();
    let mut flags = flags.into_iter();
    while let Some(flag) = flags.next() {
        let value = match flag.strip_prefix("--cfg") {
            Some("") => flags.next().map(String::as_str),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        if let Some(value) = value {
            let (name, value) = value.split_once('=').map_or((value, None), |(name, value)| (name, Some(value)));
            cfgs.insert((name.trim().to_owned(), value.map(|value| value.trim().trim_matches('"').to_owned())));
        }
    }
    cfgs
}

fn condition_holds(text: &str, triple: &str, cfgs: &Cfgs) -> Option<bool> {
    if !text.starts_with("cfg(") {
        return Some(text == triple); // `[target.<triple>]`
    }
    let expression = Expression::parse(text).ok()?;
    let info = get_builtin_target_by_triple(triple)?;
    // Three values: what is unknown matters only where the rest does not decide.
    expression.eval(|predicate| match predicate {
        Predicate::Target(target) => Some(target.matches(info)),
        Predicate::Flag(name) => Some(cfgs.contains(&((*name).to_owned(), None))),
        Predicate::KeyValue { key, val } => Some(cfgs.contains(&((*key).to_owned(), Some((*val).to_owned())))),
        Predicate::TargetFeature(_) => None,
        // cargo asks `rustc --print cfg`, which always names it.
        Predicate::DebugAssertions => Some(true),
        Predicate::Test | Predicate::ProcMacro | Predicate::Feature(_) => Some(false),
    })
}

/// One resolution in progress: a work list of activations until nothing is new.
struct Walk<'a> {
    resolver: &'a Resolver<'a>,
    platform: &'a Platform,
    host: &'a Platform,
    roots: Vec<usize>,
    merged: bool,
    resolution: Resolution,
    queue: Vec<(usize, bool)>,
    /// Whether the graph left a question open.
    unknown: bool,
}

impl<'a> Walk<'a> {
    fn require(&mut self, at: usize, for_host: bool, request: &FeatureRequest) {
        let package = self.package(at);
        let mut wanted: Vec<String> = request.named.clone();
        if request.all {
            wanted.extend(package.features.keys().cloned());
        } else if request.default && package.features.contains_key("default") {
            wanted.push("default".to_owned());
        }
        let key = (at, for_host && !self.merged);
        let known = self.resolution.entry(key).or_insert_with(|| {
            self.queue.push(key);
            BTreeSet::new()
        });
        let before = known.len();
        known.extend(wanted);
        if known.len() != before {
            self.queue.push(key);
        }
    }

    fn package(&self, at: usize) -> &'a Package {
        &self.resolver.workspace.metadata.packages[at]
    }

    fn run(&mut self) {
        while let Some((at, for_host)) = self.queue.pop() {
            let package = self.package(at);
            let (features, requests) = expand(package, &self.resolution[&(at, for_host)]);
            self.resolution.insert((at, for_host), features.clone());
            for dependency in &package.dependencies {
                if self.is_active(at, dependency, for_host, &features) {
                    self.follow(at, dependency, for_host, &requests);
                }
            }
        }
    }

    fn is_active(&self, at: usize, dependency: &Dependency, for_host: bool, features: &BTreeSet<String>) -> bool {
        if dependency.kind == DependencyKind::Development && !(self.merged && self.roots.contains(&at)) {
            return false;
        }
        let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
        if dependency.optional && !features.contains(&format!("dep:{name}")) {
            return false;
        }
        let platform = if for_host || dependency.kind == DependencyKind::Build { self.host } else { self.platform };
        self.merged
            || dependency.target.as_ref().is_none_or(|on| platform.holds.get(&on.to_string()).copied().unwrap_or(true))
    }

    fn follow(&mut self, at: usize, dependency: &Dependency, for_host: bool, requests: &[(String, String)]) {
        let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
        let mut named = dependency.features.clone();
        named.extend(requests.iter().filter(|(of, _)| of == name).map(|(_, feature)| feature.clone()));
        let request = FeatureRequest { all: false, default: dependency.uses_default_features, named };
        let resolver = self.resolver;
        let mut found = resolver.edges[at].iter().filter(|edge| self.is_edge_of(edge, dependency));
        let (Some(edge), None) = (found.next(), found.next()) else {
            self.unknown = true;
            return;
        };
        let proc_macro = self.package(edge.to).targets.iter().any(cargo_metadata::Target::is_proc_macro);
        let on_host = for_host || proc_macro || dependency.kind == DependencyKind::Build;
        self.require(edge.to, on_host, &request);
    }

    /// Whether cargo resolved this entry of a manifest to this edge: the package, its version, the name
    /// where one is given, and as what it is depended on.
    fn is_edge_of(&self, edge: &Edge, dependency: &Dependency) -> bool {
        let package = self.package(edge.to);
        let any_version = dependency.req == cargo_metadata::semver::VersionReq::STAR;
        let as_what = (dependency.kind, dependency.target.as_ref().map(ToString::to_string));
        package.name.as_str() == dependency.name
            && (any_version || dependency.req.matches(&package.version))
            && dependency.rename.as_ref().is_none_or(|name| edge.name == name.replace('-', "_"))
            && edge.kinds.contains(&as_what)
    }
}

/// Closes `features` over the package's own table: the features and activated
/// optional dependencies (`dep:NAME`), and what is asked of dependencies (`NAME`, feature).
fn expand(package: &Package, features: &BTreeSet<String>) -> (BTreeSet<String>, Vec<(String, String)>) {
    let mut closed = BTreeSet::new();
    let mut weak_or_strong = Vec::new();
    let mut queue: Vec<String> = features.iter().cloned().collect();
    while let Some(feature) = queue.pop() {
        if !closed.insert(feature.clone()) {
            continue;
        }
        // `NAME/FEATURE` stands in tables, and on command lines, too.
        if let Some((name, wanted)) = feature.split_once('/') {
            let strong = name.strip_suffix('?').is_none();
            let name = name.trim_end_matches('?');
            if strong {
                queue.push(format!("dep:{name}"));
                // A feature of the dependency's own name comes along, where there is one.
                if package.features.contains_key(name) {
                    queue.push(name.to_owned());
                }
            }
            weak_or_strong.push((name.to_owned(), wanted.to_owned()));
        }
        queue.extend(package.features.get(&feature).into_iter().flatten().cloned());
    }
    (closed, weak_or_strong)
}

/// The features of the app's own package that `request` switches on.
pub fn own_features(package: &Package, request: &FeatureRequest) -> BTreeSet<String> {
    let mut features: BTreeSet<String> = request.named.iter().cloned().collect();
    if request.all {
        features.extend(package.features.keys().cloned());
    } else if request.default && package.features.contains_key("default") {
        features.insert("default".to_owned());
    }
    expand(package, &features).0
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINUX: &str = "x86_64-unknown-linux-gnu";

    #[test]
    fn conditions_are_decided_where_they_can_be() {
        let none = Cfgs::new();
        assert_eq!(condition_holds("cfg(unix)", LINUX, &none), Some(true));
        assert_eq!(condition_holds("cfg(windows)", LINUX, &none), Some(false));
        assert_eq!(condition_holds("cfg(all(unix, not(target_os = \"macos\")))", LINUX, &none), Some(true));
        assert_eq!(condition_holds("x86_64-pc-windows-msvc", LINUX, &none), Some(false));
        // Names that only flags can set, as tokio's and getrandom's: unset unless somebody sets them.
        assert_eq!(condition_holds("cfg(tokio_unstable)", LINUX, &none), Some(false));
        assert_eq!(condition_holds("cfg(getrandom_backend = \"custom\")", LINUX, &none), Some(false));
        let flags = ["--cfg", "tokio_unstable", "--cfg=getrandom_backend=\"custom\""].map(str::to_owned);
        let set = cfgs(&flags);
        assert_eq!(condition_holds("cfg(tokio_unstable)", LINUX, &set), Some(true));
        assert_eq!(condition_holds("cfg(getrandom_backend = \"custom\")", LINUX, &set), Some(true));
        // Unknown, but the rest decides …
        assert_eq!(condition_holds("cfg(all(windows, target_feature = \"crt-static\"))", LINUX, &none), Some(false));
        // … or does not.
        assert_eq!(condition_holds("cfg(all(unix, target_feature = \"crt-static\"))", LINUX, &none), None);
        assert_eq!(condition_holds("cfg(unix)", "my-own-triple", &none), None);
    }
}
