//! Mach-O files: a UUID by content and an ad-hoc signature, both ours. An
//! identity signs over that, through `codesign` on a Mac or `rcodesign`
//! anywhere, which also takes the programs to Apple's notary service.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use release_formats::archive::{ArchiveFormat, ArchiveOptions, Entry, write_archive};
use release_formats::macho::{Entitlements, SignOptions, Uuid, set_uuid, sign};
use serde::Serialize;

use super::super::session::{create, create_for_reading};
use super::super::{
    Input, Output, Session, StageError, Step, Subject, Tool, artifact_inputs, fields, splits_symbols, symbols,
    work_outputs,
};
use crate::artifact::{ArtifactId, ArtifactKind};
use crate::release::{App, MacSigner, MacSigning, Release};
use crate::tool::Invocation;

/// What hardened programs are entitled to unless somebody says otherwise: without it the hardened runtime
/// refuses to load plugin bundles that are signed ad hoc.
const DEFAULT_ENTITLEMENTS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>com.apple.security.cs.disable-library-validation</key>
	<true/>
</dict>
</plist>
"#;

/// Signs the binaries of one app for one target.
#[derive(Debug, Serialize)]
struct SignMachO {
    #[serde(skip)]
    subject: Subject,
    binaries: Vec<ArtifactId>,
    /// Whether split symbols come along: they have to carry the UUID that their binary gets.
    symbols: bool,
    #[serde(skip)]
    spec: String,
    signing: MacSigning,
    /// The workspace's root, for the files that the manifest names.
    #[serde(skip)]
    root: PathBuf,
}

pub(super) fn step(release: &Release, app: &App, target: &str, binaries: Vec<ArtifactId>) -> Option<impl Step + use<>> {
    (app.spec_of(target).contains("-apple-") && !binaries.is_empty()).then(|| SignMachO {
        subject: Subject::of(app, target),
        binaries,
        symbols: splits_symbols(release, app),
        spec: app.spec_of(target).to_owned(),
        signing: app.macos.clone(),
        root: release.folders.root.clone(),
    })
}

impl SignMachO {
    fn symbols(&self) -> Vec<ArtifactId> {
        let apart = self.binaries.iter().filter(|_| self.symbols);
        apart.map(|binary| symbols(binary, &self.spec)).collect()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

impl Step for SignMachO {
    fn subject(&self) -> Subject {
        self.subject.clone()
    }

    fn inputs(&self) -> Vec<Input> {
        let certificate = match &self.signing.signer {
            MacSigner::Certificate { file, .. } => Some(file),
            _ => None,
        };
        let files = [self.signing.entitlements.as_ref(), certificate, self.signing.notary_key.as_ref()];
        let files = files.into_iter().flatten().map(|name| Input::File(self.file(name)));
        artifact_inputs(&self.binaries).into_iter().chain(artifact_inputs(&self.symbols())).chain(files).collect()
    }

    fn outputs(&self) -> Vec<Output> {
        work_outputs(&[self.binaries.clone(), self.symbols()].concat())
    }

    fn parameters(&self) -> serde_json::Value {
        fields(self)
    }

    fn tools(&self) -> Vec<Tool> {
        let signer = match self.signing.signer {
            MacSigner::AdHoc => None,
            MacSigner::Keychain { .. } => Some(Tool::Codesign),
            MacSigner::Certificate { .. } => Some(Tool::Rcodesign),
        };
        let notary = self.signing.notary_key.as_ref().map(|_| Tool::Rcodesign).filter(|tool| signer != Some(*tool));
        signer.into_iter().chain(notary).collect()
    }

    fn describe(&self) -> String {
        format!("sign {}", self.subject.apps.join(", "))
    }

    fn why(&self) -> String {
        let notarised = if self.signing.notary_key.is_some() { ", and notarised" } else { "" };
        let hardened = if self.signing.hardened_runtime { ", hardened runtime" } else { "" };
        match &self.signing.signer {
            MacSigner::AdHoc => format!("ad hoc{hardened}: stamping broke the linker's signature"),
            MacSigner::Keychain { .. } => {
                format!("with an identity of the keychain{hardened}{notarised}: another signature each time")
            }
            MacSigner::Certificate { .. } => {
                format!("with a certificate{hardened}{notarised}: another signature each time")
            }
        }
    }

    fn run(&self, session: &mut Session<'_>) -> Result<(), StageError> {
        let session = &*session;
        let entitlements = self.entitlements()?;
        let secret = match &self.signing.signer {
            MacSigner::Certificate { password_env: Some(variable), .. } => Some(session.secret_file(variable)?),
            _ => None,
        };
        // What the programs' files say is put into a folder of our own, for the programs that sign.
        let folder = tempfile::tempdir().map_err(StageError::file("create a folder in", std::env::temp_dir()))?;
        let mut signed = Vec::new();
        for binary in &self.binaries {
            let linked = session.input(binary)?;
            // Libraries take part in the entitlements of the program that loads them.
            let own = entitlements.clone().filter(|_| binary.kind == ArtifactKind::Binary);
            let options = SignOptions {
                identifier: self.signing.identifier.clone(),
                hardened_runtime: self.signing.hardened_runtime,
                entitlements: own.clone(),
                uuid: Uuid::Content,
            };
            let mut uuid = None;
            session.make(binary, |path| {
                let mut input = File::open(&linked.path).map_err(StageError::file("open", &linked.path))?;
                let made = sign(&mut input, &mut create_for_reading(path)?, &options)
                    .map_err(StageError::format("sign", &linked.path))?;
                uuid = made.uuid;
                let plist = folder.path().join("entitlements.plist");
                if let Some(own) = &own {
                    fs::write(&plist, own.xml()).map_err(StageError::file("write", &plist))?;
                }
                let call = self.call(path, own.is_some().then_some(plist.as_path()), secret.as_deref(), session);
                if let Some(call) = call {
                    session.read(&call)?;
                }
                if self.signing.notary_key.is_some() {
                    let copy = folder.path().join(&binary.name);
                    fs::copy(path, &copy).map_err(StageError::file("copy", path))?;
                    signed.push(Entry { name: binary.name.clone().into_bytes(), source: copy, executable: true });
                }
                Ok(linked.stamped)
            })?;
            if self.symbols {
                let apart = symbols(binary, &self.spec);
                let split = session.input(&apart)?;
                session.make(&apart, |path| {
                    fs::copy(&split.path, path).map_err(StageError::file("copy", &split.path))?;
                    if let Some(uuid) = uuid {
                        let file = OpenOptions::new().read(true).write(true).open(path);
                        set_uuid(&mut file.map_err(StageError::file("open", path))?, &uuid)
                            .map_err(StageError::format("give a UUID to", &split.path))?;
                    }
                    Ok(false)
                })?;
            }
        }
        self.notarise(&signed, folder.path(), session)
    }
}

impl SignMachO {
    fn entitlements(&self) -> Result<Option<Entitlements>, StageError> {
        let (path, text) = match &self.signing.entitlements {
            Some(name) => {
                let path = self.file(name);
                let text = fs::read(&path).map_err(StageError::file("read", &path))?;
                (path, text)
            }
            None if self.signing.hardened_runtime => (PathBuf::from("entitlements"), DEFAULT_ENTITLEMENTS.into()),
            None => return Ok(None),
        };
        Entitlements::parse(&text).map(Some).map_err(StageError::format("read", path))
    }

    /// The program that signs over our signature, in place; none where nobody does.
    fn call(
        &self,
        path: &Path,
        entitlements: Option<&Path>,
        secret: Option<&Path>,
        session: &Session<'_>,
    ) -> Option<Invocation> {
        let signing = &self.signing;
        match &signing.signer {
            MacSigner::AdHoc => None,
            MacSigner::Keychain { identity, timestamp } => {
                let mut call = session.toolchain.program(Tool::Codesign, "sign with an identity of the keychain");
                call = call.args(["--force", "--sign", identity, "--identifier", &signing.identifier]);
                call = call.arg(match timestamp {
                    Some(server) => format!("--timestamp={server}"),
                    None => "--timestamp".to_owned(),
                });
                if signing.hardened_runtime {
                    call = call.args(["--options", "runtime"]);
                }
                if let Some(plist) = entitlements {
                    call = call.arg("--entitlements").arg(plist);
                }
                Some(call.arg(path))
            }
            MacSigner::Certificate { file, timestamp, .. } => {
                let mut call = session.toolchain.program(Tool::Rcodesign, "sign with a certificate");
                call = call.args(["sign", "--p12-file"]).arg(self.file(file));
                if let Some(secret) = secret {
                    call = call.arg("--p12-password-file").arg(secret);
                }
                call = call.args(["--binary-identifier", &signing.identifier]);
                if signing.hardened_runtime {
                    call = call.args(["--code-signature-flags", "runtime"]);
                }
                if let Some(plist) = entitlements {
                    call = call.arg("--entitlements-xml-file").arg(plist);
                }
                if let Some(server) = timestamp {
                    call = call.args(["--timestamp-url", server]);
                }
                Some(call.arg(path))
            }
        }
    }

    /// The service takes zip archives. Its ticket cannot be fastened to a bare program: systems ask for it.
    fn notarise(&self, signed: &[Entry], folder: &Path, session: &Session<'_>) -> Result<(), StageError> {
        let Some(key) = &self.signing.notary_key else { return Ok(()) };
        let zip = folder.join("notarise.zip");
        let options = ArchiveOptions {
            format: ArchiveFormat::Zip,
            root: "notarise".to_owned(),
            mtime: session.release.epoch,
            level: None,
            threads: 1,
        };
        write_archive(create(&zip)?, &options, signed).map_err(StageError::format("pack", &zip))?;
        let call = session.toolchain.program(Tool::Rcodesign, "have the programs notarised");
        let call = call.args(["notary-submit", "--wait", "--api-key-file"]).arg(self.file(key)).arg(&zip);
        session.read(&call).map(drop).map_err(StageError::from)
    }
}
