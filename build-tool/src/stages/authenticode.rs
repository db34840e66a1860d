//! Authenticode, for programs and for packages of Windows Installer alike: `osslsigncode` with certificates and keys
//! in files or tokens, `signtool` with the store of a Windows machine. No stage of its own.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Session, StageError, Tool};
use crate::release::{Authenticode, WindowsSigner};
use crate::tool::Invocation;

fn is_uri(key: &str) -> bool {
    key.starts_with("pkcs11:")
}

/// The program that signs.
pub(crate) fn tool(signing: &Authenticode) -> Tool {
    match signing.signer {
        WindowsSigner::Files { .. } => Tool::Osslsigncode,
        WindowsSigner::Store { .. } => Tool::Signtool,
    }
}

/// The files that it reads, below the workspace's root.
pub(crate) fn files(signing: &Authenticode, root: &Path) -> Vec<PathBuf> {
    let WindowsSigner::Files { certificate, key, .. } = &signing.signer else { return Vec::new() };
    let files = [Some(certificate), key.as_ref()].into_iter().flatten().filter(|name| !is_uri(name));
    files.map(|name| root.join(name)).collect()
}

/// Signs a file into another. `time` stands for the time of signing where no server says one.
pub(crate) fn sign(
    signing: &Authenticode,
    time: u64,
    from: &Path,
    to: &Path,
    session: &Session<'_>,
) -> Result<(), StageError> {
    let secret = match &signing.signer {
        WindowsSigner::Files { password_env: Some(variable), .. } => Some(session.secret_file(variable)?),
        _ => None,
    };
    session.read(&call(signing, time, (from, to), secret.as_deref(), session)?)?;
    Ok(())
}

fn call(
    signing: &Authenticode,
    time: u64,
    (from, to): (&Path, &Path),
    secret: Option<&Path>,
    session: &Session<'_>,
) -> Result<Invocation, StageError> {
    let timestamp = signing.timestamp.as_ref();
    match &signing.signer {
        WindowsSigner::Files { certificate, key, pkcs11_module, .. } => {
            // It refuses to write over what an interrupted run may have left.
            let _may_not_exist = fs::remove_file(to);
            let root = &session.release.folders.root;
            let file = |name: &str| if is_uri(name) { PathBuf::from(name) } else { root.join(name) };
            let mut call = session.toolchain.program(Tool::Osslsigncode, "sign for Windows").arg("sign");
            let certificates = if is_uri(certificate) { "-pkcs11cert" } else { "-certs" };
            call = match key {
                Some(key) => call.arg(certificates).arg(file(certificate)).arg("-key").arg(file(key)),
                None => call.arg("-pkcs12").arg(file(certificate)),
            };
            if let Some(module) = pkcs11_module {
                call = call.arg("-pkcs11module").arg(module);
            }
            if let Some(secret) = secret {
                call = call.arg("-readpass").arg(secret);
            }
            call = match timestamp {
                Some(server) => call.args(["-ts", server]),
                None => call.args(["-time".to_owned(), time.to_string()]),
            };
            Ok(call.args(["-h", "sha256", "-in"]).arg(from).arg("-out").arg(to))
        }
        WindowsSigner::Store { thumbprint } => {
            fs::copy(from, to).map_err(StageError::file("copy", from))?;
            let mut call = session.toolchain.program(Tool::Signtool, "sign for Windows");
            call = call.args(["sign", "/fd", "SHA256", "/sha1", thumbprint]);
            if let Some(server) = timestamp {
                call = call.args(["/td", "SHA256", "/tr", server]);
            }
            Ok(call.arg(to))
        }
    }
}
