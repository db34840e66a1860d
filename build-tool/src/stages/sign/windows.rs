//! Authenticode: `osslsigncode` with certificates and keys in files or tokens,
//! `signtool` with the store of a Windows machine.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::super::{Input, Output, Session, StageError, Step, Subject, Tool, artifact_inputs, fields, work_outputs};
use crate::artifact::ArtifactId;
use crate::release::{App, Authenticode, Release, WindowsSigner};
use crate::tool::Invocation;

/// Signs the binaries of one app for one target.
#[derive(Debug, Serialize)]
struct SignWindows {
    #[serde(skip)]
    subject: Subject,
    binaries: Vec<ArtifactId>,
    signing: Authenticode,
    /// Seconds since 1970 that stand for the time of signing.
    time: u64,
    /// The workspace's root, for the files that the manifest names.
    #[serde(skip)]
    root: PathBuf,
}

pub(super) fn step(release: &Release, app: &App, target: &str, binaries: Vec<ArtifactId>) -> Option<impl Step + use<>> {
    let signing = app.windows.clone().filter(|_| target.contains("-windows") && !binaries.is_empty())?;
    let (subject, root) = (Subject::of(app, target), release.folders.root.clone());
    Some(SignWindows { subject, binaries, signing, time: release.epoch, root })
}

fn is_uri(key: &str) -> bool {
    key.starts_with("pkcs11:")
}

impl Step for SignWindows {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        let mut inputs = artifact_inputs(&self.binaries);
        if let WindowsSigner::Files { certificate, key, .. } = &self.signing.signer {
            let files = [Some(certificate), key.as_ref()].into_iter().flatten().filter(|name| !is_uri(name));
            inputs.extend(files.map(|name| Input::File(self.root.join(name))));
        }
        inputs
    }

    fn outputs(&self) -> Vec<Output> {
        work_outputs(&self.binaries)
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        vec![match self.signing.signer {
            WindowsSigner::Files { .. } => Tool::Osslsigncode,
            WindowsSigner::Store { .. } => Tool::Signtool,
        }]
    }

    fn describe(&self) -> String {
        format!("sign {}", self.subject.apps.join(", "))
    }

    fn why(&self) -> String {
        "Authenticode, with a certificate: what is signed cannot be made again without its key".to_owned()
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        let session = &*session;
        let secret = match &self.signing.signer {
            WindowsSigner::Files { password_env: Some(variable), .. } => Some(session.secret_file(variable)?),
            _ => None,
        };
        for binary in &self.binaries {
            let linked = session.input(binary)?;
            session.make(binary, |path| {
                session.read(&self.call(&linked.path, path, secret.as_deref(), session)?)?;
                Ok(linked.stamped)
            })?;
        }
        Ok(())
    }
}

impl SignWindows {
    fn call(
        &self,
        from: &Path,
        to: &Path,
        secret: Option<&Path>,
        session: &Session<'_>,
    ) -> Result<Invocation, StageError> {
        let timestamp = self.signing.timestamp.as_ref();
        match &self.signing.signer {
            WindowsSigner::Files { certificate, key, pkcs11_module, .. } => {
                // It refuses to write over what an interrupted run may have left.
                let _may_not_exist = fs::remove_file(to);
                let file = |name: &str| if is_uri(name) { PathBuf::from(name) } else { self.root.join(name) };
                let mut call = session.toolchain.program(Tool::Osslsigncode, "sign a Windows program").arg("sign");
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
                    None => call.args(["-time".to_owned(), self.time.to_string()]),
                };
                Ok(call.args(["-h", "sha256", "-in"]).arg(from).arg("-out").arg(to))
            }
            WindowsSigner::Store { thumbprint } => {
                fs::copy(from, to).map_err(StageError::file("copy", from))?;
                let mut call = session.toolchain.program(Tool::Signtool, "sign a Windows program");
                call = call.args(["sign", "/fd", "SHA256", "/sha1", thumbprint]);
                if let Some(server) = timestamp {
                    call = call.args(["/td", "SHA256", "/tr", server]);
                }
                Ok(call.arg(to))
            }
        }
    }
}
