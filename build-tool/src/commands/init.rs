//! `init`: commented manifests that say what holds without them, so that a
//! change starts from what is.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, Surroundings, UsageError};
use crate::exit;
use crate::manifest::target::{ArchiveFormat, builtin};
use crate::manifest::{Folders, PackageTemplate, ProfileTemplate, TargetTemplate, Tier};
use crate::manifest::{render_package, render_profile, render_target};
use crate::report::Reporter;
use crate::tool::Launcher;
use crate::workspace::Access;

/// The profiles that everybody has.
const PROFILES: [&str; 2] = ["dev", "release"];

/// Writes the manifests; says which.
pub(super) fn run(folder: &Path, force: bool, dry_run: bool, reporter: &Reporter) -> Result<u8, Error> {
    let surroundings = Surroundings::read(&Launcher::new(), folder, Access::default())?;
    let files = manifests(&surroundings)?;
    let there: Vec<String> =
        files.iter().filter(|(path, _)| path.exists()).map(|(path, _)| shown(&surroundings, path)).collect();
    if !there.is_empty() && !force {
        return Err(UsageError::ManifestsThere { files: there }.into());
    }
    for (path, text) in files {
        if !dry_run {
            write(&path, &text)?;
        }
        let name = shown(&surroundings, &path);
        reporter.result(&format!("{name}\n"));
        reporter.object(&serde_json::json!({ "event": "written", "path": name, "dry_run": dry_run }));
    }
    reporter.say("these say what holds without them: change a line, then `build-tool plan` shows what follows");
    Ok(exit::DONE)
}

fn manifests(surroundings: &Surroundings) -> Result<Vec<(PathBuf, String)>, Error> {
    let workspace = &surroundings.workspace;
    let folders = Folders::load(&workspace.metadata.workspace_metadata, &workspace.root.join("Cargo.toml"))?;
    let profiles = workspace.root.join(&folders.profiles);
    let packaging = workspace.root.join(&folders.packaging);
    let mut files = Vec::new();
    for name in PROFILES {
        let template = ProfileTemplate { name: name.to_owned(), cargo_profile: name.to_owned() };
        files.push((profiles.join(format!("{name}.toml")), render_profile(&template)));
    }
    let mut triples: Vec<String> = builtin().into_keys().collect();
    triples.push(surroundings.rustc.host.clone());
    triples.sort();
    triples.dedup();
    for triple in triples {
        let known = builtin().remove(&triple);
        let archive = known.as_ref().and_then(|manifest| manifest.archive.as_ref()).map(|archive| *archive.value());
        let tier = known.as_ref().and_then(|manifest| manifest.tier.as_ref()).map(|tier| *tier.value());
        let template = TargetTemplate {
            triple: triple.clone(),
            tier: tier.unwrap_or(Tier(3)),
            archive: archive.unwrap_or(ArchiveFormat::TarGz),
        };
        files.push((profiles.join("targets").join(format!("{triple}.toml")), render_target(&template)));
    }
    for package in workspace.members() {
        let binaries: Vec<String> =
            package.targets.iter().filter(|target| target.is_bin()).map(|target| target.name.clone()).collect();
        let published = package.publish.as_ref().is_none_or(|registries| !registries.is_empty());
        // A manifest makes an app: only what is one already gets its own.
        if !binaries.is_empty() && published && workspace.is_default_member(package) {
            let name = package.name.to_string();
            let template = PackageTemplate { package: name.clone(), name: name.clone(), binaries };
            files.push((packaging.join(format!("{name}.toml")), render_package(&template)));
        }
    }
    Ok(files)
}

fn shown(surroundings: &Surroundings, path: &Path) -> String {
    path.strip_prefix(&surroundings.workspace.root).unwrap_or(path).display().to_string()
}

/// Writes a small file whole, its folder too.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |source| Error::File { action: "write", path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let temporary = path.with_extension("partial");
    fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, path)).map_err(failed)
}
