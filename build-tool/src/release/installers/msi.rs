//! msi, resolved: the product's names and folder, PATH, shortcuts, and the licence that is shown.

use located::nearest;
use release_formats::msi::product_version;

use super::contents;
use super::places::System;
use super::tree::Tree;
use super::{Details, Findings, Installer, MsiDetails, Shortcut, Sources, identity};
use crate::manifest::package::{FileKind, MsiTable, Scope};
use crate::manifest::target::Installer as Format;
use crate::release::error::Problem;

const FORMAT: Format = Format::Msi;

/// The folder of programs.
const PROGRAMS: &str = "bin";

/// The package of an app for a target.
pub(super) fn resolve(platform: &str, sources: &Sources<'_>, findings: &mut Findings) -> Vec<Installer> {
    let table = sources.manifest.and_then(|manifest| manifest.msi.as_ref()).map(|table| table.value());
    if !["x86_64", "aarch64"].iter().any(|known| sources.app.spec_of(platform).starts_with(known)) {
        let reason = format!("Windows Installer packages are made for x86_64 and aarch64, not for {platform}");
        findings.cannot(FORMAT, sources, reason, "leave msi out of this target's `installers`");
        return Vec::new();
    }
    if let Err(error) = product_version(&sources.app.version) {
        findings.cannot(
            FORMAT,
            sources,
            error.to_string(),
            "give the app such a version, or leave msi out of `installers`",
        );
    }
    let app = &sources.app.name;
    let system = System { format: FORMAT, name: app, prefix: "", libraries: "" };
    let mut tree = Tree::new(FORMAT, &sources.inputs.workspace.root);
    contents::fill(&mut tree, &system, platform, sources, findings);
    let nodes = tree.finish(findings);
    let identity = identity::resolve(app.clone(), sources);
    let root = &sources.inputs.workspace.root;
    let product =
        table.and_then(|table| table.name.as_ref()).map_or_else(|| app.clone(), |name| name.trim().to_owned());
    let asks = table.and_then(|table| table.licence_dialog.as_ref()).is_some_and(|on| *on.value());
    let own_text = table.and_then(|table| table.licence_file.as_ref()).and_then(|said| findings.file(root, said));
    let licence = own_text.map_or_else(|| sources.licences(), |text| vec![text]);
    if asks && licence.is_empty() {
        let advice = "name the text: `licence-file = \"…\"` in [msi], or put a LICENSE beside Cargo.toml";
        findings.cannot(FORMAT, sources, "there is no licence to show".to_owned(), advice);
    }
    let joins_path = table.and_then(|table| table.path_entry.as_ref()).is_none_or(|on| *on.value());
    let has_programs = nodes.iter().any(|node| node.kind == FileKind::Program && node.path.starts_with("bin/"));
    let folder = table.and_then(|table| table.folder.as_ref()).map(|folder| folder.trim_matches('/').to_owned());
    let maker =
        identity.vendor.clone().or_else(|| sources.package.authors.first().map(|author| identity::name_of(author)));
    let details = MsiDetails {
        manufacturer: maker.filter(|name| !name.is_empty()).unwrap_or_else(|| app.clone()),
        upgrade_code: table.and_then(|table| table.upgrade_code.as_ref()).map(|code| code.to_string()),
        scope: table.and_then(|table| table.scope.as_ref()).map_or(Scope::PerMachine, |scope| *scope.value()),
        folder: folder.unwrap_or_else(|| product.clone()),
        path: (joins_path && has_programs).then(|| PROGRAMS.to_owned()),
        shortcuts: shortcuts(table, &product, platform, sources, findings),
        icon: table.and_then(|table| table.icon.as_ref()).and_then(|icon| findings.file(root, icon)),
        licence: if asks { licence } else { Vec::new() },
        signing: sources.app.windows.clone(),
        product,
    };
    let file = format!("{}.msi", sources.app.full_name(platform));
    vec![sources.installer(FORMAT, platform, file, identity, nodes, Details::Msi(details))]
}

fn shortcuts(
    table: Option<&MsiTable>,
    product: &str,
    platform: &str,
    sources: &Sources<'_>,
    findings: &mut Findings,
) -> Vec<Shortcut> {
    let app = sources.app;
    let mut found = Vec::new();
    for said in table.and_then(|table| table.shortcuts.as_deref()).unwrap_or_default() {
        if !app.binaries.contains(said.program.value()) {
            let problem = Problem::UnknownProgram {
                app: app.name.clone(),
                name: said.program.to_string(),
                nearest: nearest(&said.program, app.binaries.iter().map(String::as_str)).map(str::to_owned),
                known: app.binaries.clone(),
            };
            findings.problem(problem, Some(said.program.place()), "no such program");
            continue;
        }
        let text = |value: &Option<located::Located<crate::manifest::Line>>| {
            value.as_ref().map_or_else(String::new, |text| text.trim().to_owned())
        };
        found.push(Shortcut {
            name: said.name.as_ref().map_or_else(|| product.to_owned(), |name| name.trim().to_owned()),
            target: format!("{PROGRAMS}/{}", app.program(&said.program, platform).name),
            arguments: text(&said.arguments),
            description: text(&said.description),
        });
    }
    found
}
