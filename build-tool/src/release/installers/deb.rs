//! deb, resolved: Debian's names, relations, scripts and documents, and the package of debug symbols beside it.

use std::collections::BTreeSet;

use release_formats::deb::{debian_architecture, debian_version};

use super::contents;
use super::places::System;
use super::relations::{Field, debian, joined};
use super::tree::{Origin, Tree};
use super::{
    Contents, DebDetails, Details, Findings, InstalledNode, Installer, Relations, Scripts, Sources, identity, scripts,
};
use crate::manifest::package::{Compression, DebTable, FileKind, Priority};
use crate::manifest::target::Installer as Format;

const FORMAT: Format = Format::Deb;

/// The package of an app for a target, and that of its symbols where they are split off.
pub(super) fn resolve(platform: &str, sources: &Sources<'_>, findings: &mut Findings) -> Vec<Installer> {
    let table = sources.manifest.and_then(|manifest| manifest.deb.as_ref()).map(|table| table.value());
    let architecture = match debian_architecture(sources.app.spec_of(platform)) {
        Ok(architecture) => architecture.to_owned(),
        Err(unknown) => {
            let advice = "leave deb out of this target's `installers`";
            findings.cannot(FORMAT, sources, unknown.to_string(), advice);
            return Vec::new();
        }
    };
    let name = name(table, sources, findings);
    let release = table.and_then(|table| table.release.as_ref()).map(|release| release.as_str().to_owned());
    let release = release.or_else(|| sources.cargo_deb.revision.clone()).unwrap_or_else(|| "1".to_owned());
    let version = debian_version(&sources.app.version, &release);
    let mut identity = identity::resolve(name.clone(), sources);
    if let Some(section) = table.and_then(|table| table.section.as_ref()) {
        identity.section = section.to_string();
    }
    let system = System { format: FORMAT, name: &name, prefix: "usr", libraries: "lib" };
    let mut tree = Tree::new(FORMAT, &sources.inputs.workspace.root);
    contents::fill(&mut tree, &system, platform, sources, findings);
    documents(&mut tree, &system, sources, findings);
    let units = std::mem::take(&mut tree.units);
    let own = |key: fn(&DebTable) -> &Option<located::Located<bool>>| {
        table.and_then(|table| key(table).as_ref()).map(|value| *value.value())
    };
    let automatic = own(|table| &table.auto_depends).or(sources.cargo_deb.auto_depends).unwrap_or(true);
    let libraries = table.and_then(|table| table.known_libraries.as_deref()).unwrap_or_default();
    let details = DebDetails {
        version: version.clone(),
        architecture: architecture.clone(),
        priority: priority(table, sources),
        compression: table.and_then(|table| table.compression.as_ref()).map_or(Compression::Xz, |said| *said.value()),
        known_libraries: automatic
            .then(|| libraries.iter().map(|library| library.to_string()).collect::<BTreeSet<_>>()),
        units,
        gpg_key: table.and_then(|table| table.gpg_key.as_ref()).filter(|_| sources.signs()).map(|key| key.to_string()),
    };
    let file = |name: &str| format!("{name}_{version}_{architecture}.deb");
    let nodes = tree.finish(findings);
    let main = Installer {
        scripts: own_scripts(table, sources, findings),
        relations: relations(table, sources),
        ..sources.installer(FORMAT, platform, file(&name), identity, nodes, Details::Deb(details))
    };
    let symbols = symbols(&main, sources, findings);
    [main].into_iter().chain(symbols).collect()
}

/// The app's name as Debian allows it, unless somebody says another.
fn name(table: Option<&DebTable>, sources: &Sources<'_>, findings: &mut Findings) -> String {
    let said = table.and_then(|table| table.name.as_ref()).map(|name| name.to_string());
    let name = said.or_else(|| sources.cargo_deb.name.clone());
    let name = name.unwrap_or_else(|| sources.app.name.to_lowercase().replace('_', "-"));
    let allowed = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "+-.".contains(char);
    if name.len() < 2 || !name.starts_with(|first: char| first.is_ascii_alphanumeric()) || !name.chars().all(allowed) {
        let reason = format!("Debian allows no package to be called {name:?}");
        findings.cannot(FORMAT, sources, reason, "name it otherwise: `name = \"…\"` in [deb] of its package manifest");
    }
    name
}

fn priority(table: Option<&DebTable>, sources: &Sources<'_>) -> Priority {
    let said = table.and_then(|table| table.priority.as_ref()).map(|priority| *priority.value());
    let cargo =
        || Priority::ALL.iter().copied().find(|word| Some(word.as_str()) == sources.cargo_deb.priority.as_deref());
    said.or_else(cargo).unwrap_or(Priority::Optional)
}

/// What Debian's Policy asks of every package (12.5, 12.7).
fn documents(tree: &mut Tree<'_>, system: &System<'_>, sources: &Sources<'_>, findings: &mut Findings) {
    let own = sources.cargo_deb.licence_file.clone().map(|file| vec![file]);
    let texts = own.unwrap_or_else(|| sources.licences());
    let folder = format!("usr/share/doc/{}", system.name);
    let copyright = system.node(format!("{folder}/copyright"), FileKind::Doc, Contents::Copyright(texts));
    tree.add(copyright, Origin::Found, findings);
    let changelog = system.node(format!("{folder}/changelog.Debian.gz"), FileKind::Doc, Contents::Changelog);
    tree.add(InstalledNode { compressed: true, ..changelog }, Origin::Found, findings);
}

fn own_scripts(table: Option<&DebTable>, sources: &Sources<'_>, findings: &mut Findings) -> Scripts {
    let own = table.and_then(|table| table.scripts.as_ref()).map(|scripts| scripts.value());
    let mut found = scripts::resolve(own, sources, findings);
    if let Some(folder) = &sources.cargo_deb.scripts {
        let named = |name: &str| {
            let candidates = [folder.join(format!("{}.{name}", sources.app.package)), folder.join(name)];
            candidates.into_iter().find(|path| path.is_file())
        };
        found.pre_install = found.pre_install.or_else(|| named("preinst"));
        found.post_install = found.post_install.or_else(|| named("postinst"));
        found.pre_remove = found.pre_remove.or_else(|| named("prerm"));
        found.post_remove = found.post_remove.or_else(|| named("postrm"));
    }
    found
}

fn relations(table: Option<&DebTable>, sources: &Sources<'_>) -> Relations {
    let list = |field: Field, key: fn(&DebTable) -> &Option<Vec<located::Located<crate::manifest::Line>>>| {
        let own = table.and_then(|table| key(table).as_deref()).unwrap_or_default();
        let cargo = sources.cargo_deb.relations.get(field.word()).cloned().unwrap_or_default();
        joined(field, sources, debian, own, cargo)
    };
    Relations {
        depends: list(Field::Depends, |table| &table.depends),
        pre_depends: list(Field::PreDepends, |table| &table.pre_depends),
        recommends: list(Field::Recommends, |table| &table.recommends),
        suggests: list(Field::Suggests, |table| &table.suggests),
        enhances: list(Field::Enhances, |table| &table.enhances),
        conflicts: list(Field::Conflicts, |table| &table.conflicts),
        breaks: list(Field::Breaks, |table| &table.breaks),
        provides: list(Field::Provides, |table| &table.provides),
        replaces: list(Field::Replaces, |table| &table.replaces),
    }
}

/// `NAME-dbgsym`: the split symbols, where debuggers look for them by the program's path.
fn symbols(main: &Installer, sources: &Sources<'_>, findings: &mut Findings) -> Option<Installer> {
    let name = format!("{}-dbgsym", main.identity.name);
    let Details::Deb(details) = &main.details else { return None };
    let mut nodes = sources.symbols(main, findings);
    let first = nodes.first()?.clone();
    // Its documents are those of the package that it depends on (Policy 12.3).
    let contents = Contents::Symlink(main.identity.name.clone());
    let path = format!("usr/share/doc/{name}");
    nodes.push(InstalledNode { path, kind: FileKind::Symlink, contents, mode: 0o777, ..first });
    let depends = vec![format!("{} (= {})", main.identity.name, details.version)];
    let identity = super::Identity {
        name: name.clone(),
        summary: format!("debug symbols for {}", main.identity.name),
        description: format!("Debuggers find in it what was stripped from the programs of {}.", main.identity.name),
        section: "debug".to_owned(),
        ..main.identity.clone()
    };
    let details =
        DebDetails { priority: Priority::Optional, known_libraries: None, units: Vec::new(), ..details.clone() };
    Some(Installer {
        file: format!("{name}_{}_{}.deb", details.version, details.architecture),
        debug: true,
        identity,
        nodes,
        scripts: Scripts::default(),
        relations: Relations { depends, ..Relations::default() },
        details: Details::Deb(details),
        ..main.clone()
    })
}
