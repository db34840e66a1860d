//! Programs, documents and what goes with them → packages for Alpine. The bytes are `release-formats`' business.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use release_formats::apk::{ApkError, ApkInfo, ApkOptions, ApkScripts, SigningKey, write_apk};
use release_formats::elf_needs::ElfNeeds;

use super::installer::{Make, Maker, failed, script, steps};
use super::session::create;
use super::{Session, StageError, Step};
use crate::manifest::package::FileKind;
use crate::release::{ApkDetails, Details, Release};

/// The stage's name.
pub const NAME: &str = "apk";

/// One package an app and target with musl.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    steps(
        release,
        Maker {
            details: |details| match details {
                Details::Apk(own) => Some(own),
                _ => None,
            },
            tools: |_| Vec::new(),
            files: |details| details.key.iter().map(|(file, _)| file.clone()).collect(),
            write,
        },
    )
}

fn write(make: &Make<ApkDetails>, session: &Session<'_>, path: &Path) -> Result<(), StageError> {
    let info = info(make, session)?;
    let payload = make.payload(session)?;
    let own = &make.installer.scripts;
    // Alpine has scripts of their own for upgrades; the manifest's are for both, as on other systems.
    let scripts = ApkScripts {
        pre_install: script(&own.pre_install)?,
        post_install: script(&own.post_install)?,
        pre_upgrade: script(&own.pre_install)?,
        post_upgrade: script(&own.post_install)?,
        pre_deinstall: script(&own.pre_remove)?,
        post_deinstall: script(&own.post_remove)?,
    };
    let key = match &make.details.key {
        None => None,
        Some((file, name)) => {
            let pem = fs::read_to_string(file).map_err(StageError::file("read the key", file))?;
            Some(SigningKey::from_pem(name, &pem).map_err(StageError::format("sign with", file))?)
        }
    };
    let spare = session.spare_threads();
    let options = ApkOptions { level: None, mtime: make.time, threads: 1 + spare.len() };
    // Its data are packed before what stands in front of them is known: to a file beside it that has no name.
    let folder = path.parent().unwrap_or(Path::new("."));
    let scratch = tempfile::tempfile_in(folder).map_err(StageError::file("create a temporary file in", folder))?;
    let out = session.cancellable(BufWriter::new(create(path)?));
    let scratch = session.cancellable(scratch);
    let written = write_apk(out, scratch, &info, &scripts, &payload, options, key.as_ref());
    let mut out = written.map_err(|error| {
        failed(path, error, |error| match error {
            ApkError::Write(error) => Ok(error),
            other => Err(other),
        })
    })?;
    out.flush().map_err(StageError::file("write", path))
}

fn info(make: &Make<ApkDetails>, session: &Session<'_>) -> Result<ApkInfo, StageError> {
    let (identity, relations, details) = (&make.installer.identity, &make.installer.relations, &make.details);
    let mut depends = relations.depends.clone();
    if details.auto_depends {
        depends.extend(libraries(&make.needs(session)?, &details.architecture));
    }
    depends.extend(relations.conflicts.iter().map(|other| format!("!{other}")));
    // Alpine's packages say which commands they have.
    let programs = make.installer.nodes.iter().filter(|node| node.kind == FileKind::Program);
    let commands = programs.filter_map(|node| node.path.strip_prefix("usr/bin/"));
    let commands = commands.map(|name| format!("cmd:{name}={}", details.version));
    Ok(ApkInfo {
        name: identity.name.clone(),
        version: details.version.clone(),
        architecture: details.architecture.clone(),
        description: identity.summary.clone(),
        url: identity.homepage.clone().unwrap_or_default(),
        maintainer: identity.maintainer.clone(),
        licence: identity.licence.clone(),
        commit: session.release.git.commit.clone(),
        depends,
        provides: relations.provides.iter().cloned().chain(commands).collect(),
        replaces: relations.replaces.clone(),
    })
}

/// Libraries by the names that Alpine's packages provide; those that the package brings along are left out.
fn libraries(needs: &[ElfNeeds], architecture: &str) -> Vec<String> {
    let own: Vec<&String> = needs.iter().filter_map(|needs| needs.soname.as_ref()).collect();
    let mut names: Vec<String> = needs
        .iter()
        .flat_map(|needs| needs.libraries.keys())
        .filter(|library| !own.contains(library))
        .map(|library| match library.as_str() {
            "libc.so" => format!("so:libc.musl-{architecture}.so.1"),
            other => format!("so:{other}"),
        })
        .collect();
    names.sort();
    names.dedup();
    names
}
