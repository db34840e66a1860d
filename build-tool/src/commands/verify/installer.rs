//! Installers, proved: each is opened by our own reader, which checks every sum that the format has; its programs have
//! to be those of the release, for its target, and its version and architecture those that it should say.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use release_formats::apk::{apk_architecture, apk_version, read_apk};
use release_formats::checksums::Sha256Writer;
use release_formats::deb::{debian_architecture, debian_version, read_deb};
use release_formats::dmg::read_dmg;
use release_formats::msi::{MsiArchitecture, read_msi};
use release_formats::packaged::{PackagedEntry, PackagedKind};
use release_formats::pkg::read_pkg;
use release_formats::read_archive::{EntryKind, Limits};
use release_formats::rpm::{read_rpm, rpm_architecture, rpm_version};
use release_formats::unix::{UnixEntry, UnixKind};

use super::{is_of, program};
use crate::artifact::ArtifactKind;
use crate::description::{DescribedApp, DescribedProgram};
use crate::stages::release_json::{DescribedArtifact, Description};

/// Why an installer cannot be read.
type Refused = Box<dyn std::error::Error + Send + Sync>;

/// A file of an installer, whatever the format calls it.
struct Entry<'a> {
    path: &'a str,
    is_file: bool,
    /// The permission bits, where the system has any.
    mode: Option<u32>,
}

/// What an installer says of itself, and what it should.
struct Claim {
    what: &'static str,
    said: String,
    expected: String,
}

/// Everything that is wrong with an installer.
///
/// # Errors
/// It cannot be read, or is not what its format says.
pub(super) fn check(
    dist: &Path,
    artifact: &DescribedArtifact,
    app: &DescribedApp,
    description: &Description,
) -> Result<Vec<String>, Refused> {
    let debug = matches!(artifact.kind, ArtifactKind::DebugDeb | ArtifactKind::DebugRpm);
    let programs = description.programs.iter().filter(|program| is_of(program, artifact));
    let mut search = Search {
        app,
        description,
        debug,
        wanted: programs
            .filter(|program| !debug || program.kind.is_program())
            .map(|p| (p.path(), (p, false)))
            .collect(),
        problems: Vec::new(),
    };
    let target = artifact.target.as_deref().unwrap_or_default();
    let claims = read(&dist.join(&artifact.name), artifact.kind, target, &app.version, &mut search)?;
    let mut problems = search.problems;
    let wrong = claims.into_iter().filter(|claim| claim.said != claim.expected);
    problems.extend(wrong.map(|claim| format!("says {} {}, not {}", claim.what, claim.said, claim.expected)));
    for (name, _) in search.wanted.iter().filter(|(_, (_, found))| !found) {
        let what = if debug { "the symbols of " } else { "" };
        problems.push(format!("does not hold {what}{name} as {} describes it", crate::stages::release_json::FILE));
    }
    Ok(problems)
}

/// The programs that are looked for among the files.
struct Search<'a> {
    app: &'a DescribedApp,
    description: &'a Description,
    debug: bool,
    wanted: BTreeMap<String, (&'a DescribedProgram, bool)>,
    problems: Vec<String>,
}

impl Search<'_> {
    fn visit(&mut self, entry: &Entry<'_>, content: &mut dyn Read) -> io::Result<()> {
        let name = entry.path.rsplit('/').next().unwrap_or(entry.path);
        let (debug, description) = (self.debug, self.description);
        let of = |(program, _): &&mut (&DescribedProgram, bool)| {
            let id = program.id();
            let id = if debug { id.symbols(&description.spec_of(&program.target)) } else { id };
            // Those of a bundle lie in its folder, wherever that is; the place of others is the format's own.
            let in_folder = || format!("/{}", entry.path).ends_with(&format!("/{}", id.path()));
            id.name == name && (id.folder.is_none() || in_folder())
        };
        let Some((program, found)) = self.wanted.values_mut().find(of).filter(|_| entry.is_file) else { return Ok(()) };
        // Programs may be large: they go to a file, not to memory.
        let mut out = Sha256Writer::new(tempfile::tempfile()?);
        io::copy(content, &mut out)?;
        let (mut unpacked, sum, _) = out.finish();
        let own = |problem: String| format!("{}: {problem}", entry.path);
        if debug {
            *found = true;
            self.problems
                .extend(program::not_symbols_for(&mut unpacked, &description.spec_of(&program.target))?.map(own));
            return Ok(());
        }
        // Another file may have the same name; that the program itself is nowhere is said at the end.
        if sum.to_string() != program.sha256 {
            return Ok(());
        }
        *found = true;
        if program.kind.is_program()
            && entry.mode.is_some_and(|mode| program.kind == ArtifactKind::Binary && mode & 0o111 == 0)
        {
            self.problems.push(own("is not executable".to_owned()));
        }
        let checked = program::check(&mut unpacked, program, self.app, self.description)?;
        self.problems.extend(checked.into_iter().map(own));
        Ok(())
    }

    fn packaged(&mut self, entry: &PackagedEntry, content: &mut dyn Read) -> io::Result<()> {
        let entry = Entry { path: &entry.path, is_file: entry.kind == PackagedKind::File, mode: Some(entry.mode) };
        self.visit(&entry, content)
    }

    fn unix(&mut self, entry: &UnixEntry, content: &mut dyn Read) -> io::Result<()> {
        let entry = Entry { path: &entry.path, is_file: entry.kind == UnixKind::File, mode: Some(entry.mode) };
        self.visit(&entry, content)
    }
}

/// Reads an installer whole.
fn read(
    path: &Path,
    kind: ArtifactKind,
    target: &str,
    version: &str,
    search: &mut Search<'_>,
) -> Result<Vec<Claim>, Refused> {
    let (file, limits) = (File::open(path)?, Limits::default());
    let claim = |what, said: &str, expected: &str| Claim { what, said: said.to_owned(), expected: expected.to_owned() };
    let architecture = |said: &str, expected: &str| claim("architecture", said, expected);
    // What a package's own number follows is the manifest's choice.
    let of_release = |said: &str, expected: &str| {
        let own = said.strip_prefix(expected).map_or(said, |_| expected);
        claim("version", own, expected)
    };
    Ok(match kind {
        ArtifactKind::Deb | ArtifactKind::DebugDeb => {
            let deb = read_deb(file, limits, |entry, content| -> Result<(), Refused> {
                Ok(search.packaged(entry, content)?)
            })?;
            let field = |name| deb.control.get(name).unwrap_or_default();
            vec![
                of_release(field("Version"), &debian_version(version, "")),
                architecture(field("Architecture"), debian_architecture(&search.description.spec_of(target))?),
            ]
        }
        ArtifactKind::Rpm | ArtifactKind::DebugRpm => {
            let visit = |entry: &release_formats::rpm::RpmEntry, content: &mut dyn Read| -> Result<(), Refused> {
                Ok(search.packaged(&entry.entry, content)?)
            };
            let rpm = read_rpm(file, limits, visit)?;
            vec![
                claim("version", &rpm.metadata.version, &rpm_version(version)),
                architecture(&rpm.metadata.architecture, rpm_architecture(&search.description.spec_of(target))?),
            ]
        }
        ArtifactKind::Apk => {
            let visit = |entry: &PackagedEntry, content: &mut dyn Read| -> Result<(), Refused> {
                Ok(search.packaged(entry, content)?)
            };
            let apk = read_apk(file, limits, None, visit)?;
            let expected = apk_version(version, 0)?;
            vec![
                of_release(apk.get("pkgver").unwrap_or_default(), expected.trim_end_matches('0')),
                architecture(
                    apk.get("arch").unwrap_or_default(),
                    apk_architecture(&search.description.spec_of(target))?,
                ),
            ]
        }
        ArtifactKind::Msi => {
            let msi = read_msi(file, limits, |entry, content| -> Result<(), Refused> {
                let path = String::from_utf8_lossy(&entry.name);
                Ok(search.visit(&Entry { path: &path, is_file: entry.kind == EntryKind::File, mode: None }, content)?)
            })?;
            let expected = if target.starts_with("aarch64") { MsiArchitecture::Arm64 } else { MsiArchitecture::X64 };
            vec![claim("version", &msi.full_version, version), architecture(msi.architecture.name(), expected.name())]
        }
        ArtifactKind::Pkg => {
            let pkg =
                read_pkg(file, limits, |entry, content| -> Result<(), Refused> { Ok(search.unix(entry, content)?) })?;
            let names: Vec<&str> = pkg.package.architectures.iter().map(|one| one.name()).collect();
            let slices = search.description.universal.get(target).cloned().unwrap_or_else(|| vec![target.to_owned()]);
            let expected: Vec<&str> =
                slices.iter().map(|triple| if triple.starts_with("aarch64") { "arm64" } else { "x86_64" }).collect();
            vec![
                claim("version", &pkg.package.version, version),
                architecture(&names.join(" and "), &expected.join(" and ")),
            ]
        }
        _ => {
            read_dmg(file, limits, |entry, content| -> Result<(), Refused> { Ok(search.unix(entry, content)?) })?;
            Vec::new()
        }
    })
}
