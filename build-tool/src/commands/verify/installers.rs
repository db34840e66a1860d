//! One installer of the release: our own reader opens it and takes every sum that its format has, its programs are
//! held against release.json, and what it says of itself against its app and target. Where a program of the system
//! that would take it is here, that is asked, too.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use release_formats::apk::{self, apk_architecture, apk_version};
use release_formats::checksums::Sha256Writer;
use release_formats::deb::{self, debian_architecture, debian_version};
use release_formats::dmg::read_dmg;
use release_formats::msi::{MsiArchitecture, read_msi};
use release_formats::packaged::{PackagedEntry, PackagedKind};
use release_formats::pkg::{HostArchitecture, read_pkg};
use release_formats::read_archive::{EntryKind, Limits, ReadError};
use release_formats::rpm::{self, rpm_architecture, rpm_version};
use release_formats::unix::{UnixEntry, UnixKind};

use super::{is_of, program};
use crate::artifact::ArtifactKind;
use crate::description::{DescribedApp, DescribedProgram};
use crate::stages::release_json::{DescribedArtifact, Description};
use crate::tool::{Invocation, Launcher};
use crate::toolchain;

/// How files of split symbols end in packages for Linux, whatever is before that.
const SYMBOLS: &str = ".debug";

/// Why an installer is refused: what its format's reader says.
pub(super) struct Refused(String);

impl Refused {
    pub(super) fn reason(self) -> String {
        self.0
    }
}

macro_rules! refused_by {
    ($($error:ty),*) => {
        $(impl From<$error> for Refused {
            fn from(error: $error) -> Self {
                Self(error.to_string())
            }
        })*
    };
}
refused_by!(io::Error, ReadError, deb::DebReadError, rpm::RpmReadError, apk::ApkReadError);

/// What an installer says of itself: what it is about, what it says, what it should.
type Says = (&'static str, String, String);

/// Everything that is wrong with an installer.
pub(super) fn check(
    dist: &Path,
    artifact: &DescribedArtifact,
    app: &DescribedApp,
    description: &Description,
) -> Result<Vec<String>, Refused> {
    let target = artifact.target.as_deref().unwrap_or_default();
    let programs = description.programs.iter().filter(|program| is_of(program, artifact) && program.kind.is_program());
    let symbols = matches!(artifact.kind, ArtifactKind::DebugDeb | ArtifactKind::DebugRpm);
    let mut payload = Payload {
        symbol_files: 0,
        target,
        expected: programs.filter(|_| !symbols).map(|program| (program, false)).collect(),
        app,
        description,
        problems: Vec::new(),
    };
    let file = File::open(dist.join(&artifact.name))?;
    let says = read(file, artifact.kind, target, &app.version, &mut payload)?;
    let wrong = says.into_iter().filter(|(_, found, expected)| found != expected);
    payload.problems.extend(wrong.map(|(what, found, expected)| format!("says the {what} {found}, not {expected}")));
    let missing = payload.expected.iter().filter(|(_, seen)| !seen);
    payload
        .problems
        .extend(missing.map(|(program, _)| format!("does not hold {} as release.json describes it", program.name)));
    if symbols && payload.symbol_files == 0 {
        payload.problems.push("holds no debug symbols".to_owned());
    }
    Ok(payload.problems)
}

/// Reads the whole file, hands on what is in it, and tells what it says of itself.
fn read(
    file: File,
    kind: ArtifactKind,
    target: &str,
    version: &str,
    payload: &mut Payload<'_>,
) -> Result<Vec<Says>, Refused> {
    let limits = Limits::default();
    let unknown = |error: &dyn std::error::Error| Refused(error.to_string());
    Ok(match kind {
        ArtifactKind::Deb | ArtifactKind::DebugDeb => {
            let deb = deb::read_deb(file, limits, |entry, content| payload.packaged(entry, content))?;
            let found = deb.control.get("Version").unwrap_or_default();
            let release = found.rsplit_once('-').map_or("1", |(_, release)| release);
            let architecture = debian_architecture(target).map_err(|error| unknown(&error))?;
            vec![
                ("version", found.to_owned(), debian_version(version, release)),
                said(deb.control.get("Architecture"), architecture),
            ]
        }
        ArtifactKind::Rpm | ArtifactKind::DebugRpm => {
            let rpm = rpm::read_rpm(file, limits, |entry, content| payload.packaged(&entry.entry, content))?;
            let architecture = rpm_architecture(target).map_err(|error| unknown(&error))?;
            vec![
                ("version", rpm.metadata.version, rpm_version(version)),
                said(Some(&rpm.metadata.architecture), architecture),
            ]
        }
        ArtifactKind::Apk => {
            let apk = apk::read_apk(file, limits, None, |entry, content| payload.packaged(entry, content))?;
            let found = apk.get("pkgver").unwrap_or_default();
            let release = found.rsplit_once("-r").and_then(|(_, release)| release.parse().ok()).unwrap_or(0);
            let architecture = apk_architecture(target).map_err(|error| unknown(&error))?;
            let expected = apk_version(version, release).map_err(|error| unknown(&error))?;
            vec![("version", found.to_owned(), expected), said(apk.get("arch"), architecture)]
        }
        ArtifactKind::Msi => {
            let msi = read_msi(file, limits, |entry, content| {
                payload.entry(&String::from_utf8_lossy(&entry.name), entry.kind == EntryKind::File, content)
            })?;
            let architecture =
                if target.starts_with("aarch64") { MsiArchitecture::Arm64 } else { MsiArchitecture::X64 };
            vec![
                ("version", msi.full_version, version.to_owned()),
                said(Some(msi.architecture.name()), architecture.name()),
            ]
        }
        ArtifactKind::Pkg => {
            let pkg = read_pkg(file, limits, |entry, content| payload.unix(entry, content))?;
            let mut found: Vec<&str> = pkg.package.architectures.iter().map(|known| known.name()).collect();
            found.sort_unstable();
            let mut expected: Vec<&str> = payload.slices(target).map(HostArchitecture::name).collect();
            expected.sort_unstable();
            vec![
                ("version", pkg.package.version, version.to_owned()),
                ("architecture", found.join(", "), expected.join(", ")),
            ]
        }
        // A volume says nothing of itself that systems look at.
        _ => {
            read_dmg(file, limits, |entry, content| payload.unix(entry, content))?;
            Vec::new()
        }
    })
}

fn said(found: Option<&str>, expected: &str) -> Says {
    ("architecture", found.unwrap_or_default().to_owned(), expected.to_owned())
}

/// What an installer should hold, and what was found wrong with what it holds.
struct Payload<'a> {
    /// How many files of split symbols there were.
    symbol_files: usize,
    target: &'a str,
    /// The programs, and whether each was found.
    expected: Vec<(&'a DescribedProgram, bool)>,
    app: &'a DescribedApp,
    description: &'a Description,
    problems: Vec<String>,
}

impl Payload<'_> {
    fn packaged(&mut self, entry: &PackagedEntry, content: &mut dyn Read) -> Result<(), Refused> {
        self.entry(&entry.path, entry.kind == PackagedKind::File, content)
    }

    fn unix(&mut self, entry: &UnixEntry, content: &mut dyn Read) -> Result<(), Refused> {
        self.entry(&entry.path, entry.kind == UnixKind::File, content)
    }

    /// The processors of a platform: those of its slices, where it is universal.
    fn slices(&self, target: &str) -> impl Iterator<Item = HostArchitecture> {
        let slices = self.description.universal.get(target).cloned().unwrap_or_else(|| vec![target.to_owned()]);
        slices.into_iter().map(|triple| {
            if triple.starts_with("aarch64") { HostArchitecture::Arm64 } else { HostArchitecture::X86_64 }
        })
    }

    /// Looks at what is installed under the name of a program, and at split symbols.
    fn entry(&mut self, path: &str, is_file: bool, content: &mut dyn Read) -> Result<(), Refused> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_symbols = name.ends_with(SYMBOLS);
        let found = self.expected.iter().position(|(program, _)| program.name == name);
        if !is_file || (found.is_none() && !is_symbols) {
            return Ok(());
        }
        // Programs may be large: they go to a file, not to memory.
        let mut out = Sha256Writer::new(tempfile::tempfile()?);
        io::copy(content, &mut out)?;
        let (mut unpacked, sum, _) = out.finish();
        let mut problems = Vec::new();
        match found {
            None => {
                self.symbol_files += 1;
                problems.extend(program::not_symbols_for(&mut unpacked, self.target)?);
            }
            // Completions of a program have its name, too: that it is nowhere else is seen in the end.
            Some(at) if sum.to_string() == self.expected[at].0.sha256 => {
                problems = program::check(&mut unpacked, self.expected[at].0, self.app, self.description)?;
                self.expected[at].1 = true;
            }
            Some(_) => {}
        }
        self.problems.extend(problems.into_iter().map(|problem| format!("{path} {problem}")));
        Ok(())
    }
}

/// A program of the system that takes installers of a kind, and what it is asked.
fn asked(kind: ArtifactKind) -> Option<(&'static [&'static str], &'static [&'static str])> {
    match kind {
        ArtifactKind::Deb | ArtifactKind::DebugDeb => Some((&["dpkg-deb"], &["--contents"])),
        ArtifactKind::Rpm | ArtifactKind::DebugRpm => Some((&["rpm"], &["-K", "--nosignature"])),
        ArtifactKind::Apk => Some((&["apk"], &["verify", "--allow-untrusted"])),
        ArtifactKind::Msi => Some((&["msiinfo"], &["suminfo"])),
        ArtifactKind::Pkg | ArtifactKind::Dmg => Some((&["7zz", "7z"], &["t"])),
        _ => None,
    }
}

/// What the system's own program says of an installer.
pub(super) enum Opinion {
    /// It takes it.
    Accepts(&'static str),
    /// It refuses it: its last words.
    Refuses(String),
    /// It is not here.
    NotHere(&'static str),
}

/// Asks the system's own program.
///
/// # Errors
/// The run was stopped by a signal.
pub(super) fn ask(
    launcher: &Launcher,
    path: &Path,
    kind: ArtifactKind,
) -> Result<Option<Opinion>, crate::tool::ToolError> {
    let Some((names, args)) = asked(kind) else { return Ok(None) };
    let Some(program) = toolchain::find(names) else { return Ok(names.first().map(|name| Opinion::NotHere(name))) };
    let invocation = Invocation::new(program, "ask what takes this installer").args(args).arg(path);
    match launcher.read(&invocation) {
        Ok(_) => Ok(names.first().map(|name| Opinion::Accepts(name))),
        Err(error @ crate::tool::ToolError::Cancelled { .. }) => Err(error),
        Err(crate::tool::ToolError::Failed { tail, .. }) => {
            Ok(Some(Opinion::Refuses(format!("{} refuses it: {}", names.first().unwrap_or(&""), tail.join("; ")))))
        }
        Err(error) => Ok(Some(Opinion::Refuses(error.to_string()))),
    }
}
