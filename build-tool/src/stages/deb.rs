//! Programs, documents and what goes with them → packages for Debian and its kin, and the split symbols → packages of
//! their own. The bytes are `release-formats`' business.

mod documents;
mod units;

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use release_formats::deb::{Control, DebError, DebOptions, Scripts, append_deb_signature, deb_signed_part, write_deb};
use release_formats::elf_needs::debian;

use super::installer::{Make, Maker, codec, failed, script, steps};
use super::session::create_for_reading;
use super::{Session, StageError, Step, Tool, open_pgp};
use crate::release::{Contents, DebDetails, Details, Release};

/// The stage's name.
pub const NAME: &str = "deb";

/// One package an app and Linux target, and one of debug symbols where they are split off.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    steps(
        release,
        Maker {
            details: |details| match details {
                Details::Deb(own) => Some(own),
                _ => None,
            },
            tools: |details| details.gpg_key.iter().map(|_| Tool::Gpg).collect(),
            files: |_| Vec::new(),
            write,
        },
    )
}

fn write(make: &Make<DebDetails>, session: &Session<'_>, path: &Path) -> Result<(), StageError> {
    let details = &make.details;
    let control = control(make, depends(make, session)?);
    let scripts = scripts(make)?;
    let payload = make.payload_with(session, |contents| match contents {
        Contents::Copyright(texts) => documents::copyright(&make.installer, texts, make.time),
        _ => documents::changelog(&make.installer, details, make.time),
    })?;
    let spare = session.spare_threads();
    let options =
        DebOptions { codec: codec(details.compression), level: None, mtime: make.time, threads: 1 + spare.len() };
    let out = session.cancellable(BufWriter::new(create_for_reading(path)?));
    let written = write_deb(out, &control, &scripts, &payload, &options);
    let mut out = written.map_err(|error| {
        failed(path, error, |error| match error {
            DebError::Write(error) => Ok(error),
            other => Err(other),
        })
    })?;
    out.flush().map_err(StageError::file("write", path))?;
    drop(out);
    match &details.gpg_key {
        Some(key) => sign(key, make.time, session, path),
        None => Ok(()),
    }
}

/// Signs what the package's three members hold (`_gpgorigin`), which debsig-verify checks.
fn sign(key: &str, time: u64, session: &Session<'_>, path: &Path) -> Result<(), StageError> {
    let folder = tempfile::tempdir().map_err(StageError::file("create a temporary folder for", path))?;
    let signed = folder.path().join("signed");
    let part = session.cancellable(BufWriter::new(create_for_reading(&signed)?));
    let file = File::open(path).map_err(StageError::file("open", path))?;
    let mut part = deb_signed_part(BufReader::new(file), part).map_err(StageError::format("sign", path))?;
    part.flush().map_err(StageError::file("write", &signed))?;
    drop(part);
    let signature = open_pgp::detached_of_file(key, &signed, session)?;
    let file = File::options().write(true).open(path).map_err(StageError::file("open", path))?;
    append_deb_signature(file, &signature, time).map(drop).map_err(StageError::file("write", path))
}

fn control(make: &Make<DebDetails>, depends: Vec<String>) -> Control {
    let details = &make.details;
    let (identity, relations) = (&make.installer.identity, &make.installer.relations);
    let mut extra = Vec::new();
    if !relations.enhances.is_empty() {
        extra.push(("Enhances".to_owned(), relations.enhances.join(", ")));
    }
    if make.installer.debug {
        extra.push(("Auto-Built-Package".to_owned(), "debug-symbols".to_owned()));
    }
    Control {
        package: identity.name.clone(),
        version: details.version.clone(),
        architecture: details.architecture.clone(),
        maintainer: identity.maintainer.clone(),
        depends,
        pre_depends: relations.pre_depends.clone(),
        recommends: relations.recommends.clone(),
        suggests: relations.suggests.clone(),
        conflicts: relations.conflicts.clone(),
        breaks: relations.breaks.clone(),
        provides: relations.provides.clone(),
        replaces: relations.replaces.clone(),
        section: Some(identity.section.clone()),
        priority: details.priority.to_string(),
        homepage: identity.homepage.clone(),
        synopsis: identity.summary.clone(),
        description: identity.description.clone(),
        extra,
    }
}

/// What the manifest says, and the packages of the libraries that the programs need.
fn depends(make: &Make<DebDetails>, session: &Session<'_>) -> Result<Vec<String>, StageError> {
    let mut depends = make.installer.relations.depends.clone();
    let Some(known) = &make.details.known_libraries else { return Ok(depends) };
    let needs = make.needs(session)?;
    let mut apart = known.clone();
    apart.extend(needs.iter().filter_map(|needs| needs.soname.clone()));
    let found = debian::depends(&needs, &apart).or_else(|unknown| {
        session.note(format!(
            "{}: {unknown} ([deb] depends), and the libraries in its known-libraries",
            make.installer.file
        ));
        apart.extend(unknown.0);
        debian::depends(&needs, &apart)
    });
    let found = found.map_err(make.wrong())?;
    for relation in found {
        let name = relation.split(' ').next().unwrap_or_default();
        // Who names a package with a version of it knows better.
        if !depends.iter().any(|own| own.split([' ', '|', '(']).next() == Some(name)) {
            depends.push(relation);
        }
    }
    Ok(depends)
}

/// The manifest's scripts, with what systemd's units need: at `#DEBHELPER#` where they say so, else at their end.
fn scripts(make: &Make<DebDetails>) -> Result<Scripts, StageError> {
    let own = &make.installer.scripts;
    let joined = |path, more: &str| -> Result<_, StageError> { Ok(units::joined(script(path)?, more)) };
    let snippets = units::snippets(&make.details.units);
    Ok(Scripts {
        preinst: joined(&own.pre_install, "")?,
        postinst: joined(&own.post_install, &snippets.postinst)?,
        prerm: joined(&own.pre_remove, &snippets.prerm)?,
        postrm: joined(&own.post_remove, &snippets.postrm)?,
    })
}
