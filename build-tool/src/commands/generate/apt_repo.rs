//! `generate apt-repo`: the debs of a release as a repository, from which apt installs. Nothing in it but the
//! release, the flags and, in signatures, the time of signing.

use std::fs::File;
use std::path::Path;

use release_formats::apt_repository::{AptRepository, index_package};
use release_formats::read_archive::Limits;

use super::repository::{
    Content, Files, Packages, RepositoryError, absolute, address, file, put, say_how_to_publish, threads,
};
use super::signer::{Form, Signer};
use super::{Error, Mode};
use crate::artifact::ArtifactKind;
use crate::cli::AptRepoFlags;
use crate::report::Reporter;

/// The list of the repository's files.
const LIST: &str = "apt-repo.sha256";
/// The public key, for `Signed-By`.
const KEY: &str = "archive-key.asc";

/// Makes the repository.
pub(super) fn run(folder: &Path, flags: &AptRepoFlags, mode: Mode, reporter: &Reporter) -> Result<(), Error> {
    let own = &flags.repository;
    let packages = Packages::read(folder, &own.dist, [ArtifactKind::Deb, ArtifactKind::DebugDeb])?;
    let output = absolute(&folder.join(&own.output))?;
    let about = AptRepository {
        suite: flags.suite.clone(),
        component: flags.component.clone(),
        origin: flags.origin.clone(),
        label: flags.label.clone(),
        time: packages.description.source_date_epoch,
        by_hash: true,
        ..AptRepository::default()
    };
    let (mut files, mut indexed) = (Files::new(), Vec::new());
    for (name, path) in &packages.files {
        let place = format!("pool/{}/{name}", flags.component);
        let opened = File::open(path).map_err(file("open", path))?;
        let package = index_package(opened, &place, Limits::default())
            .map_err(|source| RepositoryError::Package { path: path.clone(), source: Box::new(source) })?;
        indexed.push(package);
        files.push((place, Content::Of(path.clone())));
    }
    let mut indexes = about.files(&indexed, threads()).map_err(RepositoryError::from)?;
    // What names all others comes last.
    let suite = format!("dists/{}", flags.suite);
    let release = indexes.remove(&format!("{suite}/Release")).unwrap_or_default();
    files.extend(indexes.into_iter().map(|(name, bytes)| (name, Content::Bytes(bytes))));
    if let Some(key) = &own.gpg_key {
        let signer = Signer::new(key)?;
        files.push((KEY.to_owned(), signer.public_key()?));
        for (name, form) in [("Release.gpg", Form::Detached), ("InRelease", Form::Clear)] {
            let name = format!("{suite}/{name}");
            let signature = signer.signature(form, &release, &output.join(&name), mode)?;
            files.push((name, signature));
        }
    }
    files.push((format!("{suite}/Release"), Content::Bytes(release)));
    put(&output, LIST, &files, mode, reporter)?;
    if mode == Mode::Write {
        say_how_to_publish(&output, reporter);
        reporter.document(&source(&output, flags));
    }
    Ok(())
}

/// What goes into `/etc/apt/sources.list.d/NAME.sources` (sources.list(5), "deb822-style format").
fn source(output: &Path, flags: &AptRepoFlags) -> String {
    let trust = if flags.repository.gpg_key.is_some() {
        format!("Signed-By: {}", output.join(KEY).display())
    } else {
        "Trusted: yes".to_owned()
    };
    let (uri, suite, component) = (address(output), &flags.suite, &flags.component);
    format!("Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: {component}\n{trust}\n")
}
