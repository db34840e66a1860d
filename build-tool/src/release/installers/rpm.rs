//! rpm, resolved: RPM's names, relations and documents, and the package of debug symbols beside it.

use std::collections::BTreeSet;

use located::Located;
use release_formats::rpm::{Dependency, rpm_architecture, rpm_version};

use super::contents;
use super::places::System;
use super::relations::{Field, joined, rpm};
use super::tree::{Origin, Tree};
use super::{Contents, Details, Findings, Installer, Relations, RpmDetails, Sources, identity, scripts};
use crate::manifest::Line;
use crate::manifest::package::{Compression, FileKind, RpmTable};
use crate::manifest::target::Installer as Format;

const FORMAT: Format = Format::Rpm;

/// The package of an app for a target, and that of its symbols where they are split off.
pub(super) fn resolve(platform: &str, sources: &Sources<'_>, findings: &mut Findings) -> Vec<Installer> {
    let table = sources.manifest.and_then(|manifest| manifest.rpm.as_ref()).map(|table| table.value());
    let architecture = match rpm_architecture(sources.app.spec_of(platform)) {
        Ok(architecture) => architecture.to_owned(),
        Err(unknown) => {
            findings.cannot(FORMAT, sources, unknown.to_string(), "leave rpm out of this target's `installers`");
            return Vec::new();
        }
    };
    let said = table.and_then(|table| table.name.as_ref()).map(|name| name.to_string());
    let name = said.unwrap_or_else(|| sources.app.name.clone());
    let release = table.and_then(|table| table.release.as_ref()).map_or("1", |release| release.as_str()).to_owned();
    let version = rpm_version(&sources.app.version);
    let wide = ["x86_64", "aarch64", "ppc64", "ppc64le", "s390x", "riscv64", "loongarch64", "mips64", "mips64el"];
    let libraries = if wide.contains(&architecture.as_str()) { "lib64" } else { "lib" };
    let system = System { format: FORMAT, name: &name, prefix: "usr", libraries };
    let mut tree = Tree::new(FORMAT, &sources.inputs.workspace.root);
    contents::fill(&mut tree, &system, platform, sources, findings);
    own_folders(&mut tree, &system, sources, findings);
    let units = std::mem::take(&mut tree.units).into_iter().map(|(unit, _)| unit).collect();
    let details = RpmDetails {
        version: version.clone(),
        release: release.clone(),
        architecture: architecture.clone(),
        // Of the groups that rpm's own documentation lists, the one that fits a program of any kind: few look at it, but
        // rpmlint takes it for an error where there is none.
        group: Some(
            table
                .and_then(|table| table.group.as_ref())
                .map_or("Applications/System".to_owned(), |group| group.to_string()),
        ),
        compression: table.and_then(|table| table.compression.as_ref()).map_or(Compression::Zstd, |said| *said.value()),
        auto_depends: table.and_then(|table| table.auto_depends.as_ref()).is_none_or(|said| *said.value()),
        units,
        gpg_key: table.and_then(|table| table.gpg_key.as_ref()).filter(|_| sources.signs()).map(|key| key.to_string()),
    };
    let file = format!("{name}-{version}-{release}.{architecture}.rpm");
    let identity = identity::resolve(name, sources);
    let nodes = tree.finish(findings);
    let own = table.and_then(|table| table.scripts.as_ref()).map(|scripts| scripts.value());
    let main = Installer {
        scripts: scripts::resolve(own, sources, findings),
        relations: relations(table, sources, findings),
        ..sources.installer(FORMAT, platform, file, identity, nodes, Details::Rpm(details))
    };
    let symbols = symbols(&main, sources, findings);
    [main].into_iter().chain(symbols).collect()
}

/// The folders that hold nothing but what is the package's own: whoever removes it removes them.
fn own_folders(tree: &mut Tree<'_>, system: &System<'_>, sources: &Sources<'_>, findings: &mut Findings) {
    let name = system.name;
    let own = ["etc/", "usr/share/", "usr/share/doc/", "usr/share/licenses/"].map(|folder| format!("{folder}{name}"));
    let own =
        own.into_iter().filter(|folder| tree.has_below(folder)).chain(contents::folders_of_bundles(system, sources));
    for folder in own.collect::<BTreeSet<_>>() {
        let node = system.node(folder, FileKind::Directory, Contents::Directory);
        tree.add(node, Origin::Found, findings);
    }
}

fn relations(table: Option<&RpmTable>, sources: &Sources<'_>, findings: &mut Findings) -> Relations {
    let mut list = |field: Field, key: fn(&RpmTable) -> &Option<Vec<Located<Line>>>| {
        let own = table.and_then(|table| key(table).as_deref()).unwrap_or_default();
        for line in own {
            if let Err(error) = line.trim().parse::<Dependency>() {
                let advice = "write `name` or `name >= version`";
                findings.cannot_at(FORMAT, sources, error.to_string(), advice, Some(line.place()));
            }
        }
        joined(field, sources, rpm, own, Vec::new())
    };
    Relations {
        depends: list(Field::Depends, |table| &table.depends),
        recommends: list(Field::Recommends, |table| &table.recommends),
        suggests: list(Field::Suggests, |table| &table.suggests),
        conflicts: list(Field::Conflicts, |table| &table.conflicts),
        provides: list(Field::Provides, |table| &table.provides),
        replaces: list(Field::Replaces, |table| &table.replaces),
        ..Relations::default()
    }
}

/// `NAME-debuginfo`: the split symbols, where debuggers look for them by the program's path.
fn symbols(main: &Installer, sources: &Sources<'_>, findings: &mut Findings) -> Option<Installer> {
    let Details::Rpm(details) = &main.details else { return None };
    let nodes = sources.symbols(main, findings);
    if nodes.is_empty() {
        return None;
    }
    let name = format!("{}-debuginfo", main.identity.name);
    let RpmDetails { version, release, architecture, .. } = details;
    let identity = super::Identity {
        name: name.clone(),
        summary: format!("Debug information for {}", main.identity.name),
        description: format!("Debuggers find in it what was stripped from the programs of {}.", main.identity.name),
        ..main.identity.clone()
    };
    let group = Some("Development/Debug".to_owned());
    let own = RpmDetails { group, auto_depends: false, units: Vec::new(), ..details.clone() };
    let depends = vec![format!("{} = {version}-{release}", main.identity.name)];
    Some(Installer {
        debug: true,
        relations: Relations { depends, ..Relations::default() },
        ..sources.installer(
            FORMAT,
            &main.platform,
            format!("{name}-{version}-{release}.{architecture}.rpm"),
            identity,
            nodes,
            Details::Rpm(own),
        )
    })
}
