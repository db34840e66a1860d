//! Programs, documents and what goes with them → installer packages for macOS, signed where an identity is named. The
//! bytes are `release-formats`' business.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use release_formats::pkg::{HostArchitecture, Package, PkgError, PkgOptions, write_pkg};

use super::installer::{Make, Maker, failed, script, steps, texts};
use super::session::create;
use super::{Session, StageError, Step, Tool};
use crate::release::{Details, PkgDetails, PkgSigner, Release};

/// The stage's name.
pub const NAME: &str = "pkg";

/// One package an app and platform of macOS.
pub fn plan(release: &Release) -> Vec<Box<dyn Step>> {
    steps(
        release,
        Maker {
            details: |details| match details {
                Details::Pkg(own) => Some(own),
                _ => None,
            },
            tools: |details| details.signer.iter().map(tool).collect(),
            files: |details| details.licence.clone(),
            write,
        },
    )
}

fn tool(signer: &PkgSigner) -> Tool {
    match signer {
        PkgSigner::Keychain { .. } => Tool::Productsign,
        PkgSigner::Certificate { .. } => Tool::Rcodesign,
    }
}

fn write(make: &Make<PkgDetails>, session: &Session<'_>, path: &Path) -> Result<(), StageError> {
    let package = package(make)?;
    let payload = make.payload(session)?;
    let spare = session.spare_threads();
    let scratch = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let options = PkgOptions { mtime: make.time, level: None, threads: 1 + spare.len(), scratch };
    let out = session.cancellable(BufWriter::new(create(path)?));
    let mut out = write_pkg(out, &package, &payload, &options).map_err(|error| {
        failed(path, error, |error| match error {
            PkgError::Write(error) => Ok(error),
            other => Err(other),
        })
    })?;
    out.flush().map_err(StageError::file("write", path))?;
    drop(out);
    let Some(signer) = &make.details.signer else { return Ok(()) };
    let unsigned = path.with_extension("unsigned.pkg");
    fs::rename(path, &unsigned).map_err(StageError::file("put apart", path))?;
    let signed = sign(signer, &unsigned, path, session);
    let _signed_now = fs::remove_file(&unsigned);
    signed
}

fn package(make: &Make<PkgDetails>) -> Result<Package, StageError> {
    let (identity, details, own) = (&make.installer.identity, &make.details, &make.installer.scripts);
    let licence = if details.licence.is_empty() { None } else { Some(texts(&details.licence)?) };
    let architectures = details.architectures.iter().map(|name| name.parse::<HostArchitecture>());
    Ok(Package {
        identifier: identity.identifier.clone(),
        version: identity.version.clone(),
        title: details.title.clone(),
        minimum_os: details.minimum_os.clone(),
        architectures: architectures.collect::<Result<_, _>>().map_err(make.wrong())?,
        install_location: "/".to_owned(),
        preinstall: script(&own.pre_install)?,
        postinstall: script(&own.post_install)?,
        licence,
        readme: None,
    })
}

fn sign(signer: &PkgSigner, from: &Path, to: &Path, session: &Session<'_>) -> Result<(), StageError> {
    const PURPOSE: &str = "sign an installer package";
    match signer {
        PkgSigner::Keychain { identity, timestamp } => {
            let mut call = session.toolchain.program(Tool::Productsign, PURPOSE).args(["--sign", identity]);
            if let Some(server) = timestamp {
                call = call.arg(format!("--timestamp={server}"));
            }
            session.read(&call.arg(from).arg(to))?;
        }
        PkgSigner::Certificate { file, password_env, timestamp } => {
            let secret = password_env.as_ref().map(|variable| session.secret_file(variable)).transpose()?;
            let certificate = session.release.folders.root.join(file);
            let mut call =
                session.toolchain.program(Tool::Rcodesign, PURPOSE).arg("sign").arg("--p12-file").arg(certificate);
            if let Some(secret) = &secret {
                call = call.arg("--p12-password-file").arg(secret);
            }
            call = call.arg("--timestamp-url").arg(timestamp.as_deref().unwrap_or("none"));
            session.read(&call.arg(from).arg(to))?;
        }
    }
    Ok(())
}
