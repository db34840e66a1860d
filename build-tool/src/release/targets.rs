//! Which targets a release is for, and what is known of each: a manifest key
//! by key over what is built in.

use std::collections::{BTreeMap, BTreeSet};

use located::{LocatedError, nearest};
use release_formats::archive::ArchiveFormat;

use super::backends::{self, Facts};
use super::error::Problem;
use super::flags::{C_FLAGS, Environment, Surroundings};
use super::resolve::{Inputs, locate};
use super::{BackendChoice, EnvValue, OwnStd, Runner, StandardLibrary, Target, own_std, runners};
use crate::manifest::target::{self, Backend, Installer, TargetManifest, builtin};

/// Everything known of targets.
pub(super) struct Knowledge<'a> {
    builtin: BTreeMap<String, TargetManifest>,
    inputs: &'a Inputs<'a>,
}

impl<'a> Knowledge<'a> {
    pub(super) fn new(inputs: &'a Inputs<'a>) -> Self {
        Self { builtin: builtin(), inputs }
    }

    pub(super) fn environment(&self) -> Environment<'a> {
        self.inputs.environment
    }

    /// The manifests that speak of `triple`, the stronger first.
    fn manifests(&self, triple: &str) -> impl Iterator<Item = &TargetManifest> {
        let own = self.inputs.manifests.targets.get(triple).map(|loaded| loaded.peek());
        own.into_iter().chain(self.builtin.get(triple))
    }

    fn key<T>(&self, triple: &str, key: impl Fn(&TargetManifest) -> Option<T>) -> Option<T> {
        self.manifests(triple).find_map(key)
    }

    fn tier(&self, triple: &str) -> u8 {
        self.key(triple, |manifest| manifest.tier.as_ref().map(|tier| tier.0)).unwrap_or(3)
    }

    /// The triples of the command line: every target up to a tier, those named, or the host.
    pub(super) fn asked_for(&self, problems: &mut Vec<LocatedError<Problem>>) -> BTreeSet<String> {
        let flags = self.inputs.flags;
        if flags.all_targets {
            let known = self.builtin.keys().chain(self.inputs.manifests.targets.keys());
            return known.filter(|triple| self.tier(triple) <= flags.tier).cloned().collect();
        }
        if flags.target.is_empty() {
            return BTreeSet::from([self.inputs.rustc.host.clone()]);
        }
        let named = flags.target.iter();
        named.filter(|triple| self.check(triple, None, problems)).cloned().collect()
    }

    /// What rustc compiles for.
    pub(super) fn spec(&self, triple: &str) -> String {
        self.key(triple, |manifest| manifest.spec.as_ref().map(|_| manifest.spec().to_owned()))
            .unwrap_or_else(|| triple.to_owned())
    }

    /// Those of these targets that have names of their own.
    pub(super) fn specs(&self, triples: &[String]) -> BTreeMap<String, String> {
        let all = triples.iter().map(|triple| (triple.clone(), self.spec(triple)));
        all.filter(|(triple, spec)| triple != spec).collect()
    }

    /// Whether rustc knows what a target is compiled for; if not, says so.
    fn check_spec(&self, triple: &str, spec: &str, problems: &mut Vec<LocatedError<Problem>>) {
        // What was built elsewhere is not compiled.
        if self.inputs.imported.is_some() || (self.inputs.knows_target)(spec) {
            return;
        }
        let known = nearest(spec, builtin_triples()).map(str::to_owned);
        let Some(manifest) = self.inputs.manifests.targets.get(triple).map(|loaded| loaded.peek()) else { return };
        problems.push(match &manifest.spec {
            Some(said) => {
                said.explain(Problem::UnknownSpec { spec: spec.to_owned(), nearest: known }, "no such target")
            }
            None => {
                let problem = Problem::NoSpec { triple: triple.to_owned(), nearest: known };
                manifest.triple.explain(problem, "not one of rustc's")
            }
        });
    }

    /// Whether a target brings its own standard library.
    pub(super) fn has_own_std(&self, triple: &str) -> bool {
        self.key(triple, |manifest| manifest.std.as_ref().map(drop)).is_some()
    }

    /// The standard library that a target brings along.
    fn own_std(&self, triple: &str, problems: &mut Vec<LocatedError<Problem>>) -> Option<OwnStd> {
        let said = self.key(triple, |manifest| manifest.std.clone())?;
        own_std::resolve(&said, self.inputs.workspace, problems)
    }

    /// Whether anybody knows this triple; if not, says so.
    pub(super) fn check(
        &self,
        triple: &str,
        place: Option<&located::Place>,
        problems: &mut Vec<LocatedError<Problem>>,
    ) -> bool {
        if self.manifests(triple).next().is_some() || (self.inputs.knows_target)(triple) {
            return true;
        }
        let nearest = nearest(triple, builtin_triples()).map(str::to_owned);
        let problem = Problem::UnknownTarget { triple: triple.to_owned(), nearest };
        problems.push(match place {
            Some(place) => place.explain(problem, "no such target"),
            None => LocatedError::nowhere(problem),
        });
        false
    }

    /// A target with every default filled in, and what is wrong with it.
    pub(super) fn resolve(&self, triple: &str, surroundings: &Surroundings) -> (Target, Vec<LocatedError<Problem>>) {
        let mut problems = Vec::new();
        let spec = self.spec(triple);
        self.check_spec(triple, &spec, &mut problems);
        let own_std = self.own_std(triple, &mut problems);
        let c_flags = |language| surroundings.c_flags_for(language, &spec, self.inputs.environment);
        let windows = spec.contains("-windows");
        let archive = self.key(triple, |manifest| manifest.archive.as_ref().map(|format| archive(*format.value())));
        let backend = self.backend(triple, &spec, surroundings, &mut problems);
        let target = Target {
            triple: triple.to_owned(),
            tier: self.tier(triple),
            archive: archive.unwrap_or(if windows { ArchiveFormat::Zip } else { ArchiveFormat::TarGz }),
            installers: self.installers(triple, &spec),
            linker: self.linker(triple),
            glibc: self.glibc(triple),
            minimum_os: self.minimum_os(triple),
            standard_library: self.standard_library(&spec, backend.backend),
            runner: self.runner(triple, &spec, own_std.is_some()),
            ci_runner: self
                .key(triple, |manifest| manifest.ci_runner.as_ref().map(|runner| runner.value().clone()))
                .unwrap_or_else(|| "ubuntu-24.04".to_owned()),
            c_flags: C_FLAGS.into_iter().map(|language| (language, c_flags(language))).collect(),
            backend,
            own_std,
            spec,
        };
        (target, problems)
    }

    fn backend(
        &self,
        triple: &str,
        spec: &str,
        surroundings: &Surroundings,
        problems: &mut Vec<LocatedError<Problem>>,
    ) -> BackendChoice {
        if let Some(backend) = self.inputs.imported.as_ref().and_then(|imported| imported.backend(triple)) {
            return BackendChoice { backend, why: "its shard was built with it".to_owned() };
        }
        let said = self.key(triple, |manifest| manifest.backend.clone());
        let (glibc, own_linker) = (self.glibc(triple), self.linker(triple));
        let own_std = self.has_own_std(triple);
        // What cargo's configuration says of the triple is for whoever has it for a name.
        let configured = || if own_std { None } else { surroundings.linker(spec, self.inputs.environment) };
        let linker = own_linker.or_else(configured);
        let host = &self.inputs.rustc.host;
        let facts = Facts { triple: spec, host, glibc: glibc.as_deref(), own_std, linker: linker.as_deref() };
        match said.as_ref().map(|backend| *backend.value()) {
            None | Some(Backend::Auto) => backends::auto(&facts, &(self.inputs.machine)()),
            Some(backend) => backends::said(backend, &facts).unwrap_or_else(|problem| {
                problems.push(locate(problem, said.as_ref(), "not for this target"));
                backends::auto(&facts, &(self.inputs.machine)())
            }),
        }
    }

    /// One that we compile lies in our own folder, which is elsewhere in cross's containers.
    fn standard_library(&self, spec: &str, backend: Backend) -> StandardLibrary {
        match (self.inputs.standard_library)(spec) {
            StandardLibrary::Source if backend == Backend::Cross => StandardLibrary::Missing,
            other => other,
        }
    }

    fn runner(&self, triple: &str, spec: &str, own_std: bool) -> Runner {
        let said =
            self.key(triple, |manifest| manifest.runner.as_deref().map(|words| super::profiles::expanded(Some(words))));
        runners::choose(spec, &self.inputs.rustc.host, own_std, said.unwrap_or_default(), self.inputs.probe)
    }

    /// Packages of a system are for its usual target: one with another name says itself if it wants any.
    fn installers(&self, triple: &str, spec: &str) -> Vec<Installer> {
        let said = self.key(triple, |manifest| {
            manifest.installers.as_ref().map(|said| said.iter().map(|format| *format.value()).collect())
        });
        let usual = || if spec == triple { Installer::usual(triple).to_vec() } else { Vec::new() };
        said.unwrap_or_else(usual)
    }

    fn linker(&self, triple: &str) -> Option<String> {
        self.key(triple, |manifest| manifest.linker.as_ref().map(|linker| linker.as_str().to_owned()))
    }

    fn glibc(&self, triple: &str) -> Option<String> {
        self.key(triple, |manifest| manifest.glibc.as_ref().map(|version| version.value().to_string()))
    }

    fn minimum_os(&self, triple: &str) -> Option<String> {
        self.key(triple, |manifest| manifest.minimum_os.as_ref().map(|version| version.value().to_string()))
    }

    /// The universal platforms of an app with these targets: platform → the triples that become its slices.
    /// One slice alone is no universal file.
    pub(super) fn universal(&self, triples: &[String]) -> BTreeMap<String, Vec<String>> {
        let mut platforms: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for triple in triples {
            if let Some(group) =
                self.key(triple, |manifest| manifest.universal.as_ref().map(|group| group.value().to_string()))
            {
                platforms.entry(group).or_default().push(triple.clone());
            }
        }
        platforms.retain(|_, slices| slices.len() > 1);
        platforms
    }

    /// Features that the target manifest switches on.
    pub(super) fn features(&self, triple: &str) -> Vec<String> {
        self.key(triple, |manifest| manifest.features.as_deref().map(|f| super::profiles::strings(Some(f))))
            .unwrap_or_default()
    }

    /// Flags for rustc that the target manifest adds.
    pub(super) fn rustflags(&self, triple: &str) -> Vec<String> {
        self.key(triple, |manifest| manifest.rustflags.as_deref().map(|f| super::profiles::expanded(Some(f))))
            .unwrap_or_default()
    }

    /// Variables that the target manifest sets.
    pub(super) fn env(&self, triple: &str) -> BTreeMap<String, EnvValue> {
        self.manifests(triple).next().map(|manifest| super::profiles::env(&manifest.env)).unwrap_or_default()
    }
}

fn builtin_triples() -> impl Iterator<Item = &'static str> {
    cfg_expr::targets::ALL_BUILTINS.iter().map(|info| info.triple.as_str())
}

/// The manifest's word → the format itself.
pub(super) fn archive(format: target::ArchiveFormat) -> ArchiveFormat {
    match format {
        target::ArchiveFormat::TarGz => ArchiveFormat::TarGz,
        target::ArchiveFormat::TarXz => ArchiveFormat::TarXz,
        target::ArchiveFormat::TarZst => ArchiveFormat::TarZst,
        target::ArchiveFormat::Zip => ArchiveFormat::Zip,
    }
}
