//! apk, resolved: Alpine's names, relations and the key that signs.

use located::Located;
use release_formats::apk::{apk_architecture, apk_version};

use super::contents;
use super::places::System;
use super::relations::{Field, alpine, joined};
use super::tree::Tree;
use super::{ApkDetails, Details, Findings, Installer, Relations, Sources, identity, scripts};
use crate::manifest::Line;
use crate::manifest::package::ApkTable;
use crate::manifest::target::Installer as Format;

const FORMAT: Format = Format::Apk;

/// The package of an app for a target.
pub(super) fn resolve(platform: &str, sources: &Sources<'_>, findings: &mut Findings) -> Vec<Installer> {
    let table = sources.manifest.and_then(|manifest| manifest.apk.as_ref()).map(|table| table.value());
    let said = table.and_then(|table| table.release.as_ref());
    let release = said.map_or("0", |release| release.as_str()).parse::<u32>();
    let Ok(release) = release else {
        let reason = "Alpine's release numbers are integers".to_owned();
        findings.cannot_at(FORMAT, sources, reason, "such as `release = 1`", said.map(Located::place));
        return Vec::new();
    };
    let architecture = apk_architecture(sources.app.spec_of(platform))
        .map_err(|unknown| (unknown.to_string(), "leave apk out of this target's `installers`"));
    let version = apk_version(&sources.app.version, release)
        .map_err(|unknown| (unknown.to_string(), "give the app such a version, or leave apk out of `installers`"));
    let (architecture, version) = match (architecture, version) {
        (Ok(architecture), Ok(version)) => (architecture.to_owned(), version),
        (architecture, version) => {
            for (reason, advice) in architecture.err().into_iter().chain(version.err()) {
                findings.cannot(FORMAT, sources, reason, advice);
            }
            return Vec::new();
        }
    };
    let said = table.and_then(|table| table.name.as_ref()).map(|name| name.to_string());
    let name = said.unwrap_or_else(|| sources.app.name.to_lowercase());
    let system = System { format: FORMAT, name: &name, prefix: "usr", libraries: "lib" };
    let mut tree = Tree::new(FORMAT, &sources.inputs.workspace.root);
    contents::fill(&mut tree, &system, platform, sources, findings);
    let details = ApkDetails {
        version: version.clone(),
        architecture: architecture.clone(),
        auto_depends: table.and_then(|table| table.auto_depends.as_ref()).is_none_or(|said| *said.value()),
        key: key(table, sources, findings),
    };
    // Alpine's own names have no architecture, since each has a folder; here they lie side by side.
    let file = format!("{name}-{version}.{architecture}.apk");
    let identity = identity::resolve(name, sources);
    let nodes = tree.finish(findings);
    let own = table.and_then(|table| table.scripts.as_ref()).map(|scripts| scripts.value());
    let main = Installer {
        scripts: scripts::resolve(own, sources, findings),
        relations: relations(table, sources),
        ..sources.installer(FORMAT, platform, file, identity, nodes, Details::Apk(details))
    };
    vec![main]
}

fn key(
    table: Option<&ApkTable>,
    sources: &Sources<'_>,
    findings: &mut Findings,
) -> Option<(std::path::PathBuf, String)> {
    let table = table.filter(|_| sources.signs())?;
    let file = findings.file(&sources.inputs.workspace.root, table.key.as_ref()?)?;
    let own = || format!("{}.pub", file.file_name().unwrap_or_default().to_string_lossy());
    let name = table.key_name.as_ref().map_or_else(own, |name| name.to_string());
    Some((file, name))
}

fn relations(table: Option<&ApkTable>, sources: &Sources<'_>) -> Relations {
    let list = |field: Field, key: fn(&ApkTable) -> &Option<Vec<Located<Line>>>| {
        let own = table.and_then(|table| key(table).as_deref()).unwrap_or_default();
        joined(field, sources, alpine, own, Vec::new())
    };
    Relations {
        depends: list(Field::Depends, |table| &table.depends),
        conflicts: list(Field::Conflicts, |table| &table.conflicts),
        provides: list(Field::Provides, |table| &table.provides),
        replaces: list(Field::Replaces, |table| &table.replaces),
        ..Relations::default()
    }
}
