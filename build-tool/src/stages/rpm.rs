//! Programs, documents and what goes with them → packages for Fedora, openSUSE and their kin, and the split symbols →
//! packages of their own. The bytes are `release-formats`' business.

mod units;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use release_formats::elf_needs::rpm::{provides, requires};
use release_formats::read_archive::Limits;
use release_formats::rpm::{
    Change, Dependency, Metadata, RpmError, RpmOptions, Script, Scripts, insert_rpm_signature, rpm_signed_part,
    write_rpm,
};

use super::installer::{Make, Maker, codec, failed, script, steps};
use super::session::create_for_reading;
use super::{Session, StageError, Step, Tool, open_pgp};
use crate::release::{Details, Release, RpmDetails};

/// How wide rpm's descriptions are.
const COLUMNS: usize = 79;

/// The stage's name.
pub const NAME: &str = "rpm";

/// One package an app and Linux target, and one of debug symbols where they are split off.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    steps(
        release,
        Maker {
            details: |details| match details {
                Details::Rpm(own) => Some(own),
                _ => None,
            },
            tools: |details| details.gpg_key.iter().map(|_| Tool::Gpg).collect(),
            files: |_| Vec::new(),
            write,
        },
    )
}

fn write(make: &Make<RpmDetails>, session: &Session<'_>, path: &Path) -> Result<(), StageError> {
    let metadata = metadata(make, session)?;
    let payload = make.payload(session)?;
    let spare = session.spare_threads();
    let options =
        RpmOptions { codec: codec(make.details.compression), level: None, mtime: make.time, threads: 1 + spare.len() };
    let out = session.cancellable(BufWriter::new(create_for_reading(path)?));
    let mut out = write_rpm(out, &metadata, &payload, &options).map_err(|error| {
        failed(path, error, |error| match error {
            RpmError::Write(error) => Ok(error),
            other => Err(other),
        })
    })?;
    out.flush().map_err(StageError::file("write", path))?;
    drop(out);
    match &make.details.gpg_key {
        Some(key) => sign(key, session, path),
        None => Ok(()),
    }
}

fn metadata(make: &Make<RpmDetails>, session: &Session<'_>) -> Result<Metadata, StageError> {
    let (identity, relations, details) = (&make.installer.identity, &make.installer.relations, &make.details);
    let read = |texts: &[String]| -> Result<Vec<Dependency>, StageError> {
        texts.iter().map(|text| text.parse::<Dependency>().map_err(make.wrong())).collect()
    };
    let (mut requires, mut provides) = (read(&relations.depends)?, read(&relations.provides)?);
    let (needed, given) = libraries(make, session)?;
    requires.extend(needed);
    provides.extend(given);
    Ok(Metadata {
        name: identity.name.clone(),
        epoch: None,
        version: details.version.clone(),
        release: details.release.clone(),
        architecture: details.architecture.clone(),
        summary: identity.summary.clone(),
        description: textwrap::fill(&identity.description, COLUMNS),
        licence: identity.licence.clone(),
        homepage: identity.homepage.clone(),
        vendor: identity.vendor.clone(),
        packager: Some(identity.maintainer.clone()),
        group: details.group.clone(),
        provides,
        requires,
        conflicts: read(&relations.conflicts)?,
        obsoletes: read(&relations.replaces)?,
        recommends: read(&relations.recommends)?,
        suggests: read(&relations.suggests)?,
        scripts: scripts(make)?,
        changelog: vec![Change {
            time: u32::try_from(make.time).unwrap_or(u32::MAX),
            author: format!("{} - {}-{}", identity.maintainer, details.version, details.release),
            text: format!("- Release {}.", identity.version),
        }],
    })
}

/// What its programs need, and what its libraries give; what it brings along it does not need of others.
fn libraries(make: &Make<RpmDetails>, session: &Session<'_>) -> Result<(Vec<Dependency>, Vec<Dependency>), StageError> {
    if !make.details.auto_depends {
        return Ok((Vec::new(), Vec::new()));
    }
    let needs = make.needs(session)?;
    let given: BTreeSet<String> = needs.iter().filter_map(provides).collect();
    let needed: BTreeSet<String> = needs.iter().flat_map(requires).collect();
    let any = |names: BTreeSet<String>| names.into_iter().map(Dependency::any).collect();
    Ok((any(needed.difference(&given).cloned().collect()), any(given)))
}

/// The manifest's scripts, with what systemd's units need at their ends.
fn scripts(make: &Make<RpmDetails>) -> Result<Scripts, StageError> {
    let own = &make.installer.scripts;
    let snippets = units::snippets(&make.details.units);
    let joined = |path: &Option<PathBuf>, more: &str| -> Result<Option<Script>, StageError> {
        let own = script(path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(match own {
            None if more.is_empty() => None,
            None => Some(Script { interpreter: "/bin/sh".to_owned(), text: more.to_owned() }),
            Some(text) => {
                let (interpreter, text) = interpreted(&text);
                Some(Script { interpreter, text: text + more })
            }
        })
    };
    Ok(Scripts {
        pre: joined(&own.pre_install, "")?,
        post: joined(&own.post_install, &snippets.post)?,
        preun: joined(&own.pre_remove, &snippets.preun)?,
        postun: joined(&own.post_remove, &snippets.postun)?,
    })
}

/// rpm starts the interpreter itself: the line that names it is for whoever reads the file.
fn interpreted(text: &str) -> (String, String) {
    let mut text = text.to_owned();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let first = text.strip_prefix("#!").and_then(|rest| rest.lines().next());
    let interpreter = first.and_then(|line| line.split_whitespace().next()).unwrap_or("/bin/sh").to_owned();
    (interpreter, text)
}

/// Signs the header, which holds the sum of all else.
fn sign(key: &str, session: &Session<'_>, path: &Path) -> Result<(), StageError> {
    let open = || File::open(path).map_err(StageError::file("open", path));
    let part = rpm_signed_part(open()?, Limits::default()).map_err(StageError::format("sign", path))?;
    let signature = open_pgp::detached(key, &part, session)?;
    let signed = path.with_extension("signed");
    let result = create_for_reading(&signed).and_then(|out| {
        let out = session.cancellable(BufWriter::new(out));
        let out = insert_rpm_signature(open()?, Limits::default(), &signature, out);
        let mut out = out.map_err(StageError::format("sign", path))?;
        out.flush().map_err(StageError::file("write", &signed))?;
        std::fs::rename(&signed, path).map_err(StageError::file("put into its place", path))
    });
    if result.is_err() {
        let _may_not_exist = std::fs::remove_file(&signed);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interpreter_is_the_one_that_a_script_names() {
        assert_eq!(
            interpreted("#!/usr/bin/perl -w\nprint 1"),
            ("/usr/bin/perl".into(), "#!/usr/bin/perl -w\nprint 1\n".into())
        );
        assert_eq!(interpreted("echo\n"), ("/bin/sh".into(), "echo\n".into()));
    }
}
