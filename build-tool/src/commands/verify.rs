//! `verify`: proves a finished release. Everything in the dist folder is
//! hostile until checked; problems are collected.

mod inspector;
mod installer;
mod program;
mod rebuild;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use release_formats::archive::ArchiveFormat;
use release_formats::checksums::{Checksums, Sha256Writer, sha256_file};
use release_formats::read_archive::{EntryKind, Limits, ReadError, read_archive};

use super::Error;
use crate::artifact::ArtifactKind;
use crate::cli::VerifyFlags;
use crate::description::{DescribedApp, DescribedProgram, is_plain_name};
use crate::execute::{REPORT, read_text_file, regular_file};
use crate::exit;
use crate::report::Reporter;
use crate::stages::release_json::{DescribedArtifact, Description};
use crate::stages::{checksums, path_in_archive, release_json, symbols as symbols_of};

/// The release is not what it should be.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum VerifyError {
    /// There is no release in the folder.
    #[error("there is no release in {}: {reason}", dist.display())]
    #[diagnostic(help("`build-tool release` makes one; name its folder if it is not dist"))]
    NoRelease {
        /// The folder.
        dist: PathBuf,
        /// What is missing or broken.
        reason: String,
    },
    /// Checks failed.
    #[error("the release in {} does not hold: {} problem{}\n  {}", dist.display(), problems.len(), if problems.len() == 1 { "" } else { "s" }, problems.join("\n  "))]
    #[diagnostic(help("do not publish it; `build-tool release` makes it anew"))]
    Failed {
        /// The folder.
        dist: PathBuf,
        /// Everything that is wrong.
        problems: Vec<String>,
    },
    /// The release could not be made a second time.
    #[error("the release in {} could not be built again, so nothing says that it can be", dist.display())]
    #[diagnostic(help("{}", last_words(tail)))]
    NotRebuilt {
        /// The folder.
        dist: PathBuf,
        /// Whether that is because a tool is not installed here: then the release may be as good as any.
        tool_missing: bool,
        /// The last lines of what the second build said.
        tail: Vec<String>,
    },
}

fn last_words(tail: &[String]) -> String {
    if tail.is_empty() {
        "what it said is above".to_owned()
    } else {
        format!("its last words:\n  {}", tail.join("\n  "))
    }
}

/// What was proved so far, and what is wrong.
#[derive(Default)]
struct Proof {
    proved: Vec<String>,
    problems: Vec<String>,
}

/// Proves the release in a folder.
pub(super) fn run(folder: &Path, flags: &VerifyFlags, dry_run: bool, reporter: &Reporter) -> Result<u8, Error> {
    let dist = if flags.dist == Path::new("dist") { default_dist(folder) } else { folder.join(&flags.dist) };
    let sums = read_checksums(&dist)?;
    let description = read_description(&dist)?;
    if dry_run {
        show_plan(&sums, &description, flags.rebuild, reporter);
        return Ok(exit::DONE);
    }
    let mut proof = Proof::default();
    check_files(&dist, &sums, &mut proof, reporter);
    check_description(&sums, &description, &mut proof);
    let mut inspectors = inspector::Inspectors::default();
    for artifact in &description.artifacts {
        let before = proof.problems.len();
        check_artifact(&dist, artifact, &description, &mut proof);
        if proof.problems.len() == before {
            inspectors.ask(&dist, &artifact.name, artifact.kind, &mut proof);
        }
    }
    inspectors.tell(&mut proof);
    if flags.rebuild && proof.problems.is_empty() {
        match rebuild::check(folder, &dist, flags, &sums, &description, &mut proof, reporter) {
            Err(Error::Verify(error @ VerifyError::NotRebuilt { tool_missing: true, .. })) => {
                reporter.error(&error, &[], exit::MISSING_TOOL);
                return Ok(exit::MISSING_TOOL);
            }
            checked => checked?,
        }
    }
    for line in &proof.proved {
        reporter.summary(&format!("{line}\n"));
    }
    reporter.object(&serde_json::json!({
        "event": "verified",
        "dist": dist.to_string_lossy(),
        "proved": proof.proved,
        "problems": proof.problems,
    }));
    if proof.problems.is_empty() {
        Ok(exit::DONE)
    } else {
        Err(VerifyError::Failed { dist, problems: proof.problems }.into())
    }
}

/// `dist` where one stands, else at the root of the repository or workspace above.
pub(super) fn default_dist(folder: &Path) -> PathBuf {
    let above = folder.ancestors().map(|folder| folder.join("dist"));
    above.into_iter().find(|dist| dist.join(checksums::FILE).is_file()).unwrap_or_else(|| folder.join("dist"))
}

fn no_release(dist: &Path, reason: impl ToString) -> Error {
    VerifyError::NoRelease { dist: dist.to_owned(), reason: reason.to_string() }.into()
}

fn read_checksums(dist: &Path) -> Result<Checksums, Error> {
    let failed = |reason: String| no_release(dist, format!("{}: {reason}", checksums::FILE));
    let text = read_text_file(&dist.join(checksums::FILE)).map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8(text).map_err(|error| failed(error.to_string()))?;
    text.parse::<Checksums>().map_err(|error| failed(error.to_string()))
}

pub(super) fn read_description(dist: &Path) -> Result<Description, Error> {
    let failed = |reason: String| no_release(dist, format!("{}: {reason}", release_json::FILE));
    let text = read_text_file(&dist.join(release_json::FILE)).map_err(|error| failed(error.to_string()))?;
    let description: Description = serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
    if description.schema != release_json::SCHEMA {
        return Err(failed(format!("schema {} is not known, only {}", description.schema, release_json::SCHEMA)));
    }
    Ok(description)
}

fn show_plan(sums: &Checksums, description: &Description, rebuild: bool, reporter: &Reporter) {
    let mut text = format!("would check the checksums of {} files\n", sums.0.len());
    for artifact in &description.artifacts {
        text += &format!("would open {} and check its contents, target and stamps\n", artifact.name);
    }
    if rebuild {
        text += &format!("would build {} again in another folder and compare every byte\n", description.git.describe);
    }
    reporter.would(&text);
}

fn check_files(dist: &Path, sums: &Checksums, proof: &mut Proof, reporter: &Reporter) {
    for (name, expected) in &sums.0 {
        if !is_plain_name(name) {
            proof.problems.push(format!("{}: {name:?} is not a file name", checksums::FILE));
            continue;
        }
        let path = dist.join(name);
        match regular_file(&path).and_then(|_| sha256_file(&path)) {
            Ok((found, _)) if found == *expected => {}
            Ok((found, _)) => proof.problems.push(format!("{name}: its SHA-256 is {found}, not {expected}")),
            Err(error) => proof.problems.push(format!("{name}: {error}")),
        }
    }
    if proof.problems.is_empty() {
        proof.proved.push(format!("checksums that hold: {}", sums.0.len()));
    }
    let known = [checksums::FILE, REPORT];
    let mut others: Vec<String> = fs::read_dir(dist)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !sums.0.contains_key(name) && !known.contains(&name.as_str()))
        .collect();
    others.sort();
    if !others.is_empty() {
        reporter.say(&format!("not part of the release, not checked: {}", others.join(", ")));
    }
}

fn check_description(sums: &Checksums, description: &Description, proof: &mut Proof) {
    let described: BTreeSet<&str> =
        description.artifacts.iter().map(|a| a.name.as_str()).chain([release_json::FILE]).collect();
    let summed: BTreeSet<&str> = sums.0.keys().map(String::as_str).collect();
    for name in described.symmetric_difference(&summed) {
        proof.problems.push(format!("{name}: only one of {} and {} lists it", release_json::FILE, checksums::FILE));
    }
    for artifact in &description.artifacts {
        if sums.0.get(&artifact.name).is_some_and(|sum| sum.to_string() != artifact.sha256) {
            proof.problems.push(format!("{}: {} gives another SHA-256", artifact.name, release_json::FILE));
        }
    }
}

fn check_artifact(dist: &Path, artifact: &DescribedArtifact, description: &Description, proof: &mut Proof) {
    let before = proof.problems.len();
    let name = &artifact.name;
    match fs::metadata(dist.join(name)) {
        _ if !is_plain_name(name) => proof.problems.push(format!("{name:?} is not a file name")),
        // Its checksum could not be taken either, which is named already.
        Ok(metadata) if !metadata.is_file() => return,
        Ok(metadata) if metadata.len() != artifact.size => {
            proof.problems.push(format!("{name}: {} bytes, not {}", metadata.len(), artifact.size));
        }
        // A missing file was named with its checksum.
        _ => {}
    }
    let packed = matches!(artifact.kind, ArtifactKind::Archive | ArtifactKind::DebugArchive);
    if proof.problems.len() > before || !(packed || is_installer(artifact.kind)) {
        return;
    }
    let app = description.apps.iter().find(|app| Some(&app.name) == artifact.app.as_ref());
    let format = ArchiveFormat::of_file_name(name);
    let (Some(app), true) = (app, format.is_some() == packed) else {
        proof.problems.push(format!("{name}: {} does not say what it is", release_json::FILE));
        return;
    };
    if artifact.kind == ArtifactKind::Archive || artifact.kind.is_installer() {
        check_agreement(artifact, app, description, proof);
    }
    if let Some(format) = format {
        if let Err(error) = check_archive(dist, artifact, app, format, description, proof) {
            proof.problems.push(format!("{name}: {error}"));
        }
    } else {
        match installer::check(dist, artifact, app, description) {
            Ok(problems) => proof.problems.extend(problems.into_iter().map(|problem| format!("{name}: {problem}"))),
            Err(error) => proof.problems.push(format!("{name}: {error}")),
        }
    }
    if proof.problems.len() == before {
        let target = artifact.target.as_deref().unwrap_or("any target");
        let stamp = if artifact.stamped { ", stamped" } else { "" };
        proof.proved.push(format!("{name}: contents are for {target}{stamp}"));
    }
}

fn is_installer(kind: ArtifactKind) -> bool {
    kind.is_installer() || matches!(kind, ArtifactKind::DebugDeb | ArtifactKind::DebugRpm)
}

/// What is said of an archive must agree with what is said of its programs: else none of them might be looked at.
fn check_agreement(artifact: &DescribedArtifact, app: &DescribedApp, description: &Description, proof: &mut Proof) {
    let (name, target) = (&artifact.name, artifact.target.as_deref().unwrap_or_default());
    let suffix = if description.spec_of(target).contains("-windows") { ".exe" } else { "" };
    let programs: Vec<_> = description.programs.iter().filter(|p| p.kind.is_program() && is_of(p, artifact)).collect();
    for binary in app.binaries.iter().map(|binary| format!("{binary}{suffix}")) {
        if !programs.iter().any(|program| program.name == binary) {
            proof.problems.push(format!("{name}: {} describes no {binary} for {target}", release_json::FILE));
        }
    }
    let libraries =
        description.programs.iter().filter(|p| p.kind != ArtifactKind::Binary && is_of(p, artifact)).count();
    let expected = app.libraries.len() + app.bundles.len();
    if libraries != expected {
        proof.problems.push(format!("{name}: {} describes {libraries} libraries, not {expected}", release_json::FILE));
    }
    if artifact.stamped != (!programs.is_empty() && programs.iter().all(|program| program.stamped)) {
        proof.problems.push(format!("{name}: {} does not agree on whether it is stamped", release_json::FILE));
    }
}

/// Opens an archive and checks every program in it.
fn check_archive(
    dist: &Path,
    artifact: &DescribedArtifact,
    app: &DescribedApp,
    format: ArchiveFormat,
    description: &Description,
    proof: &mut Proof,
) -> Result<(), ReadError> {
    let folder = artifact.name.strip_suffix(&format!(".{}", format.extension())).unwrap_or(&artifact.name);
    // A debug archive holds the symbols of each program, under a name of their own.
    let symbols = artifact.kind == ArtifactKind::DebugArchive;
    let mut expected: BTreeMap<String, (&DescribedProgram, bool)> = description
        .programs
        .iter()
        .filter(|program| is_of(program, artifact) && (!symbols || program.kind.is_program()))
        .map(|program| {
            let name = if symbols {
                path_in_archive(&symbols_of(&program.id(), &description.spec_of(&program.target)))
            } else {
                program.path()
            };
            (format!("{folder}/{name}"), (program, false))
        })
        .collect();
    let file = File::open(dist.join(&artifact.name))?;
    let prefix = format!("{folder}/");
    read_archive(file, format, Limits::default(), |entry, content| -> Result<(), ReadError> {
        let name = String::from_utf8_lossy(&entry.name).into_owned();
        if name != folder && !name.starts_with(&prefix) {
            proof.problems.push(format!("{}: {name} is outside its folder {folder}", artifact.name));
        }
        let Some((program, seen)) = expected.get_mut(&name) else { return Ok(()) };
        *seen = true;
        if symbols {
            let mut unpacked = tempfile::tempfile()?;
            io::copy(content, &mut unpacked)?;
            let problem = program::not_symbols_for(&mut unpacked, &description.spec_of(&program.target))?;
            proof.problems.extend(problem.map(|problem| format!("{}: {name} {problem}", artifact.name)));
            return Ok(());
        }
        if entry.kind != EntryKind::File
            || (program.kind.is_program() && entry.mode.is_some_and(|mode| mode & 0o111 == 0))
        {
            proof.problems.push(format!("{}: {name} is not an executable file", artifact.name));
        }
        // Programs may be large: they go to a file, not to memory.
        let mut out = Sha256Writer::new(tempfile::tempfile()?);
        io::copy(content, &mut out)?;
        let (mut unpacked, sum, _) = out.finish();
        if sum.to_string() != program.sha256 {
            let problem = format!("{}: {name} has SHA-256 {sum}, not {}", artifact.name, program.sha256);
            proof.problems.push(problem);
        }
        for problem in program::check(&mut unpacked, program, app, description)? {
            proof.problems.push(format!("{}: {name} {problem}", artifact.name));
        }
        Ok(())
    })?;
    for (name, _) in expected.iter().filter(|(_, (_, seen))| !seen) {
        proof.problems.push(format!("{}: {name} is missing", artifact.name));
    }
    Ok(())
}

fn is_of(program: &DescribedProgram, artifact: &DescribedArtifact) -> bool {
    Some(&program.app) == artifact.app.as_ref() && Some(&program.target) == artifact.target.as_ref()
}
