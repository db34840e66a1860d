//! `pm ls`: what `node_modules` holds, as a tree or as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::exit::Ending;
use crate::package::folders::{self, NODE_MODULES, PACKAGE_JSON};
use crate::package::{DEPENDENCIES, PackageJson};

/// A package as it was found, by its name in a map.
#[derive(Debug, Serialize)]
struct Found {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// Where a link leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
    /// Its own dependencies are listed where it comes first.
    #[serde(skip_serializing_if = "is_false")]
    repeated: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    dependencies: BTreeMap<String, Found>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Problem {
    /// package.json names it, and it is not installed.
    Missing,
    /// It is a link whose target is gone.
    Dangling,
    /// Its package.json is missing or broken.
    Broken,
    /// It is installed, and nobody names it.
    Extraneous,
}

#[derive(Debug, Serialize)]
struct Listing<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    path: &'a Path,
    dependencies: BTreeMap<String, Found>,
}

// serde hands over a reference.
#[expect(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !value
}

/// Lists what the project names, and links; with `all`, what those need in turn, and what nobody needs. Missing,
/// dangling and broken ones end it with 1, so that it can be asked in scripts.
pub(super) fn run(context: &Context, all: bool, json: bool) -> Result<Ending> {
    let project = folders::project(&context.environment.cwd)?;
    let mut walk = Walk { all, seen: BTreeSet::new(), wrong: false };
    let mut dependencies = walk.of(&project, project.folder(), true)?;
    let modules = project.folder().join(NODE_MODULES);
    for name in folders::packages_in(&modules)?.unwrap_or_default() {
        let folder = modules.join(&name);
        let linked = folder.symlink_metadata().is_ok_and(|meta| meta.file_type().is_symlink());
        if dependencies.contains_key(&name) || walk.seen.contains(&real(&folder)) || !(linked || all) {
            continue;
        }
        let mut found = walk.found(&folder)?;
        found.problem = found.problem.or((!linked).then_some(Problem::Extraneous));
        dependencies.insert(name, found);
    }
    let listing = Listing { name: project.name()?, version: project.version()?, path: project.folder(), dependencies };
    if json {
        let text = serde_json::to_string_pretty(&listing).map_err(std::io::Error::other)?;
        context.report.result(text)?;
    } else {
        context.report.result(listing.tree())?;
    }
    Ok(if walk.wrong { Ending::Code(crate::exit::FAILURE) } else { Ending::SUCCESS })
}

struct Walk {
    all: bool,
    /// Packages whose dependencies are listed somewhere.
    seen: BTreeSet<PathBuf>,
    wrong: bool,
}

impl Walk {
    /// What `package` names, as Node.js finds it from `folder`.
    fn of(&mut self, package: &PackageJson, folder: &Path, is_project: bool) -> Result<BTreeMap<String, Found>> {
        let mut found = BTreeMap::new();
        for kind in DEPENDENCIES {
            // What a package needs while it is developed is not installed with it.
            if kind == "devDependencies" && !is_project {
                continue;
            }
            let must_be_there = matches!(kind, "dependencies" | "devDependencies");
            for entry in package.dependencies(kind)? {
                if found.contains_key(entry.name) || crate::package::name::flaw(entry.name).is_some() {
                    continue;
                }
                match folders::installed(folder, entry.name) {
                    Some(folder) => drop(found.insert(entry.name.to_owned(), self.found(&folder)?)),
                    None if must_be_there => {
                        self.wrong = true;
                        found.insert(entry.name.to_owned(), Found::bad(Problem::Missing, Some(entry.text.to_owned())));
                    }
                    None => {}
                }
            }
        }
        Ok(found)
    }

    fn found(&mut self, folder: &Path) -> Result<Found> {
        let link = fs::read_link(folder).ok();
        if !folder.exists() {
            self.wrong = true;
            return Ok(Found { link, ..Found::bad(Problem::Dangling, None) });
        }
        // Others' files are listed as far as they can be read.
        let Ok(Some(package)) = PackageJson::read_if_there(&folder.join(PACKAGE_JSON)) else {
            self.wrong = true;
            return Ok(Found { link, ..Found::bad(Problem::Broken, None) });
        };
        let real = real(folder);
        let version = package.version().ok().flatten().map(str::to_owned);
        let repeated = !self.seen.insert(real.clone()) && self.all;
        let dependencies =
            if self.all && !repeated { self.of(&package, &real, false).unwrap_or_default() } else { BTreeMap::new() };
        Ok(Found { version, link, problem: None, repeated, dependencies })
    }
}

/// Where Node.js looks from: behind the links.
fn real(folder: &Path) -> PathBuf {
    fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
}

impl Found {
    fn bad(problem: Problem, version: Option<String>) -> Self {
        Self { version, link: None, problem: Some(problem), repeated: false, dependencies: BTreeMap::new() }
    }

    fn line(&self, name: &str) -> String {
        let mut line = name.to_owned();
        if let Some(version) = &self.version {
            let _ = write!(line, "@{version}");
        }
        if let Some(link) = &self.link {
            let _ = write!(line, " -> {}", link.display());
        }
        line.push_str(match self.problem {
            None if self.repeated => " (see above)",
            None => "",
            Some(Problem::Missing) => " (missing: not installed)",
            Some(Problem::Dangling) => " (dangling: the link's target is gone)",
            Some(Problem::Broken) => " (broken: no package.json that can be read)",
            Some(Problem::Extraneous) => " (extraneous: nobody names it)",
        });
        line
    }
}

impl Listing<'_> {
    fn tree(&self) -> String {
        let mut out = self.path.display().to_string();
        if let Some(name) = self.name {
            out = format!("{name}{} {out}", self.version.map(|version| format!("@{version}")).unwrap_or_default());
        }
        if self.dependencies.is_empty() {
            out.push_str("\n└── (nothing)");
        }
        branches(&mut out, &self.dependencies, "");
        out
    }
}

fn branches(out: &mut String, all: &BTreeMap<String, Found>, before: &str) {
    for (index, (name, found)) in all.iter().enumerate() {
        let last = index + 1 == all.len();
        let (branch, below) = if last { ("└── ", "    ") } else { ("├── ", "│   ") };
        let _ = write!(out, "\n{before}{branch}{}", found.line(name));
        branches(out, &found.dependencies, &format!("{before}{below}"));
    }
}
