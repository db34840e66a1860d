//! `generate yum-repo`: the rpms of a release as a repository, from which dnf, yum and zypper install. Nothing in it
//! but the release and, in the signature, the time of signing.

use std::fs;
use std::path::Path;

use release_formats::compress::Codec;
use release_formats::read_archive::Limits;
use release_formats::yum::{YumOptions, YumPackage, write_yum_metadata};

use super::repository::{
    Content, Files, Packages, RepositoryError, absolute, address, file, put, say_how_to_publish, threads,
};
use super::signer::{Form, Signer};
use super::{Error, Mode};
use crate::artifact::ArtifactKind;
use crate::cli::RepositoryFlags;
use crate::report::Reporter;

/// The list of the repository's files.
const LIST: &str = "yum-repo.sha256";
/// What names all other metadata.
const REPOMD: &str = "repodata/repomd.xml";
/// The public key, where zypper looks for it by itself.
const KEY: &str = "repodata/repomd.xml.key";

/// Makes the repository.
pub(super) fn run(folder: &Path, flags: &RepositoryFlags, mode: Mode, reporter: &Reporter) -> Result<(), Error> {
    let packages = Packages::read(folder, &flags.dist, [ArtifactKind::Rpm, ArtifactKind::DebugRpm])?;
    let output = absolute(&folder.join(&flags.output))?;
    let (mut files, mut placed) = (Files::new(), Vec::new());
    for (name, path) in &packages.files {
        let location = format!("packages/{name}");
        placed.push(YumPackage { location: location.clone(), path: path.clone() });
        files.push((location, Content::Of(path.clone())));
    }
    let options = YumOptions {
        // Every client reads it.
        codec: Codec::Gzip,
        time: packages.description.source_date_epoch,
        limits: Limits::default(),
        threads: threads(),
    };
    let made = tempfile::tempdir().map_err(file("create a folder in", &std::env::temp_dir()))?;
    let names = write_yum_metadata(&placed, &options, made.path()).map_err(RepositoryError::from)?;
    let read = |name: &str| fs::read(made.path().join(name)).map_err(file("read", &made.path().join(name)));
    for name in names.iter().filter(|name| *name != "repomd.xml") {
        files.push((format!("repodata/{name}"), Content::Bytes(read(name)?)));
    }
    let repomd = read("repomd.xml")?;
    if let Some(key) = &flags.gpg_key {
        let signer = Signer::new(key)?;
        files.push((KEY.to_owned(), signer.public_key()?));
        let name = format!("{REPOMD}.asc");
        let signature = signer.signature(Form::Detached, &repomd, &output.join(&name), mode)?;
        files.push((name, signature));
    }
    files.push((REPOMD.to_owned(), Content::Bytes(repomd)));
    put(&output, LIST, &files, mode, reporter)?;
    if mode == Mode::Write {
        say_how_to_publish(&output, reporter);
        let app = packages.description.apps.first().map_or("release", |app| app.name.as_str());
        reporter.document(&source(&output, app, flags));
    }
    Ok(())
}

/// What goes into `/etc/yum.repos.d/NAME.repo` (dnf.conf(5), "Repo Options"). The signature is that of the metadata,
/// which hold the packages' checksums: a package needs none of its own.
fn source(output: &Path, name: &str, flags: &RepositoryFlags) -> String {
    let trust = if flags.gpg_key.is_some() {
        format!("repo_gpgcheck=1\ngpgkey={}\n", address(&output.join(KEY)))
    } else {
        "repo_gpgcheck=0\n".to_owned()
    };
    format!("[{name}]\nname={name}\nbaseurl={}\nenabled=1\ngpgcheck=0\n{trust}", address(output))
}
