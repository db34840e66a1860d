//! What a name on `dev`'s command line means: a package, an app as its package
//! manifest renames it, or a program; and what is meant where nobody says.

use std::path::Path;

use cargo_metadata::Package;

use super::{Error, UsageError};
use crate::manifest::Manifests;
use crate::release;
use crate::workspace::Workspace;

/// The program that is run.
pub(super) struct Chosen {
    pub(super) package: String,
    pub(super) binary: String,
}

/// What there is to choose from.
pub(super) struct Choice<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) manifests: &'a Manifests,
}

impl Choice<'_> {
    /// The app to run: the one that was named, the one in whose folder one stands, or the only one.
    pub(super) fn app(&self, name: Option<&str>, folder: &Path) -> Result<Chosen, Error> {
        let members = self.workspace.members();
        let with_programs: Vec<&Package> =
            members.into_iter().filter(|package| programs(package).next().is_some()).collect();
        if let Some(name) = name {
            let package = self.named(name, &with_programs)?;
            let own = programs(package).find(|program| *program == name && package.name.as_str() != name);
            return Ok(own.map_or_else(|| default_program(package), |program| chosen(package, program)));
        }
        let here = with_programs.iter().filter(|package| {
            let own = package.manifest_path.parent().map(|own| own.as_std_path());
            own.is_some_and(|own| own != self.workspace.root && folder.starts_with(own))
        });
        if let Some(package) = here.max_by_key(|package| package.manifest_path.as_str().len()) {
            return Ok(default_program(package));
        }
        match with_programs.as_slice() {
            [only] => Ok(default_program(only)),
            [] => Err(release::no_apps().into()),
            several => {
                let apps = several.iter().map(|package| package.name.to_string()).collect();
                Err(UsageError::SeveralApps { apps }.into())
            }
        }
    }

    /// The package whose tests run, by any of its names; libraries have tests, too.
    pub(super) fn tested(&self, name: &str) -> Result<String, Error> {
        self.named(name, &self.workspace.members()).map(|package| package.name.to_string())
    }

    /// The package's own name counts first, then the app's, then a program's.
    fn named<'p>(&self, name: &str, among: &[&'p Package]) -> Result<&'p Package, Error> {
        let by_package = |wanted: &str| among.iter().find(|package| package.name.as_str() == wanted);
        let renamed = || self.renamed().find(|(app, _)| *app == name).and_then(|(_, package)| by_package(package));
        let by_program = || among.iter().find(|package| programs(package).any(|program| program == name));
        by_package(name).or_else(renamed).or_else(by_program).copied().ok_or_else(|| {
            let mut known: Vec<String> = among.iter().map(|package| package.name.to_string()).collect();
            let apps = self.renamed().filter(|(_, package)| by_package(package).is_some());
            known.extend(apps.map(|(app, _)| app.to_owned()));
            known.sort();
            known.dedup();
            release::unknown_package(name, known).into()
        })
    }

    /// The apps that package manifests name: (app, package).
    fn renamed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.manifests.packages.iter().filter_map(|(stem, loaded)| {
            let manifest = loaded.peek();
            Some((manifest.name.as_ref()?.as_str(), manifest.package_name(stem)))
        })
    }
}

fn programs(package: &Package) -> impl Iterator<Item = &str> {
    package.targets.iter().filter(|target| target.is_bin()).map(|target| target.name.as_str())
}

fn default_program(package: &Package) -> Chosen {
    let default = package.default_run.as_deref().or_else(|| programs(package).next());
    chosen(package, default.unwrap_or_default())
}

fn chosen(package: &Package, binary: &str) -> Chosen {
    Chosen { package: package.name.to_string(), binary: binary.to_owned() }
}
