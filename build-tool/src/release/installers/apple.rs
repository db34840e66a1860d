//! pkg and dmg, resolved: where files go on macOS, for which of its versions and processors, and who signs.

use super::contents;
use super::places::System;
use super::tree::{Origin, Tree};
use super::{Contents, Details, DmgDetails, Findings, Installer, PkgDetails, PkgSigner, Scripts, Sources, identity};
use crate::manifest::package::{FileKind, InstallerSigning, PkgTable};
use crate::manifest::target::Installer as Format;

/// The installer package of an app.
pub(super) fn pkg(platform: &str, sources: &Sources<'_>, findings: &mut Findings) -> Vec<Installer> {
    let table = sources.manifest.and_then(|manifest| manifest.pkg.as_ref()).map(|table| table.value());
    let location =
        table.and_then(|table| table.install_location.as_ref()).map_or("usr/local", |said| said.trim_matches('/'));
    let system = System { format: Format::Pkg, name: &sources.app.name, prefix: location, libraries: "lib" };
    let mut tree = Tree::new(Format::Pkg, &sources.inputs.workspace.root);
    contents::fill(&mut tree, &system, platform, sources, findings);
    let nodes = tree.finish(findings);
    let mut identity = identity::resolve(sources.app.name.clone(), sources);
    if let Some(identifier) = table.and_then(|table| table.identifier.as_ref()) {
        identity.identifier = identifier.to_string();
    }
    let asks = table.and_then(|table| table.licence_dialog.as_ref()).is_some_and(|on| *on.value());
    let licence = if asks { sources.licences() } else { Vec::new() };
    if asks && licence.is_empty() {
        let reason = "there is no licence to show".to_owned();
        findings.cannot(Format::Pkg, sources, reason, "put a LICENSE beside Cargo.toml, or leave the dialog out");
    }
    let slices = slices(platform, sources);
    let details = PkgDetails {
        title: table
            .and_then(|table| table.title.as_ref())
            .map_or_else(|| sources.app.name.clone(), |title| title.trim().to_owned()),
        minimum_os: table
            .and_then(|table| table.minimum_os.as_ref())
            .map(|version| version.value().to_string())
            .or_else(|| oldest(&slices, sources)),
        architectures: slices
            .iter()
            .map(|triple| if triple.starts_with("aarch64") { "arm64" } else { "x86_64" })
            .collect(),
        licence,
        signer: table
            .filter(|_| sources.signs())
            .and_then(|table| table.signing.as_ref())
            .and_then(|signing| signer(signing)),
    };
    let file = format!("{}.pkg", sources.app.full_name(platform));
    let scripts = scripts(table, sources, findings);
    vec![Installer {
        scripts,
        ..sources.installer(Format::Pkg, platform, file, identity, nodes, Details::Pkg(details))
    }]
}

/// The disk image of an app, with a link to the folder that its programs belong in.
pub(super) fn dmg(platform: &str, sources: &Sources<'_>, findings: &mut Findings) -> Vec<Installer> {
    let table = sources.manifest.and_then(|manifest| manifest.dmg.as_ref()).map(|table| table.value());
    let app = sources.app;
    let system = System { format: Format::Dmg, name: &app.name, prefix: "", libraries: "" };
    let mut tree = Tree::new(Format::Dmg, &sources.inputs.workspace.root);
    contents::fill(&mut tree, &system, platform, sources, findings);
    let link = table.and_then(|table| table.link.as_ref()).map_or("usr/local/bin", |link| link.trim_matches('/'));
    let name = link.rsplit('/').next().unwrap_or(link).to_owned();
    let node = system.node(name, FileKind::Symlink, Contents::Symlink(format!("/{link}")));
    match table.and_then(|table| table.link.as_ref()) {
        Some(said) => tree.add(node, Origin::Manifest(said.place()), findings),
        None => tree.add(node, Origin::Found, findings),
    }
    let nodes = tree.finish(findings);
    let volume = table.and_then(|table| table.volume.as_ref()).map(|volume| volume.trim().to_owned());
    let details = DmgDetails { volume: volume.unwrap_or_else(|| format!("{} {}", app.name, app.version)) };
    let file = format!("{}.dmg", app.full_name(platform));
    let identity = identity::resolve(app.name.clone(), sources);
    vec![sources.installer(Format::Dmg, platform, file, identity, nodes, Details::Dmg(details))]
}

/// The triples of a platform.
fn slices(platform: &str, sources: &Sources<'_>) -> Vec<String> {
    sources.app.universal.get(platform).cloned().unwrap_or_else(|| vec![platform.to_owned()])
}

/// The oldest macOS that any of the slices runs on: each processor has another first one.
fn oldest(slices: &[String], sources: &Sources<'_>) -> Option<String> {
    let numbers = |version: &String| version.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>();
    let targets = slices.iter().filter_map(|triple| sources.targets.get(triple));
    let versions = targets.map(|target| target.deployment_target().or_else(|| target.minimum_os.clone()));
    versions.map(|version| version.unwrap_or_else(|| "11.0".to_owned())).min_by_key(numbers)
}

fn signer(said: &InstallerSigning) -> Option<PkgSigner> {
    let timestamp = said.timestamp.as_ref().map(|server| server.to_string());
    match (&said.identity, &said.certificate) {
        (Some(identity), _) => Some(PkgSigner::Keychain { identity: identity.to_string(), timestamp }),
        (None, Some(file)) => Some(PkgSigner::Certificate {
            file: file.to_string(),
            password_env: said.password_env.as_ref().map(|variable| variable.to_string()),
            timestamp,
        }),
        (None, None) => None,
    }
}

/// Only its own: a script for Linux does no good here.
fn scripts(table: Option<&PkgTable>, sources: &Sources<'_>, findings: &mut Findings) -> Scripts {
    let Some(own) = table.and_then(|table| table.scripts.as_ref()) else { return Scripts::default() };
    let root = &sources.inputs.workspace.root;
    Scripts {
        pre_install: own.pre_install.as_ref().and_then(|said| findings.file(root, said)),
        post_install: own.post_install.as_ref().and_then(|said| findings.file(root, said)),
        ..Scripts::default()
    }
}
