//! What cargo has made for the tests: the programs, and what it would put into
//! the environment of each when it runs them itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cargo_metadata::{Artifact, BuildScript, Message, Package, TargetKind};

use crate::release::Release;
use crate::workspace::Workspace;

/// One program with tests.
#[derive(Debug, Clone)]
pub(super) struct TestProgram {
    /// The triple that it is compiled for.
    pub(super) target: String,
    /// The package's name.
    pub(super) package: String,
    /// `lib`, `bin NAME`, `test NAME`.
    pub(super) name: String,
    /// Where it lies.
    pub(super) path: PathBuf,
    /// The package's folder, in which it is run.
    pub(super) folder: PathBuf,
    /// What cargo says of the package.
    pub(super) variables: BTreeMap<String, String>,
}

impl TestProgram {
    /// Whether it knows where its package's programs lie, and so may start them.
    pub(super) fn starts_others(&self) -> bool {
        self.variables.keys().any(|name| name.starts_with("CARGO_BIN_EXE_"))
    }
}

/// cargo's messages, as far as they count here.
#[derive(Debug, Default)]
pub(super) struct Found {
    artifacts: Vec<Artifact>,
    scripts: Vec<BuildScript>,
}

impl Found {
    /// Keeps a message if it says something of tests.
    pub(super) fn take(&mut self, message: Message) {
        match message {
            Message::CompilerArtifact(artifact) if artifact.executable.is_some() => self.artifacts.push(artifact),
            Message::BuildScriptExecuted(script) => self.scripts.push(script),
            _ => {}
        }
    }

    /// The programs with tests, by target, package and name.
    pub(super) fn programs(&self, workspace: &Workspace, release: &Release) -> Vec<TestProgram> {
        let tests = self.artifacts.iter().filter(|artifact| artifact.profile.test);
        let mut programs: Vec<TestProgram> = tests
            .filter_map(|artifact| {
                let package = workspace.package(&artifact.package_id)?;
                let path = artifact.executable.as_ref()?.as_std_path();
                let target = triple_of(release, path);
                let folder = package.manifest_path.parent()?.as_std_path();
                Some(TestProgram {
                    package: package.name.to_string(),
                    name: name(artifact),
                    path: path.to_owned(),
                    folder: folder.to_owned(),
                    variables: self.variables(package, target, release),
                    target: target.to_owned(),
                })
            })
            .collect();
        let key = |program: &TestProgram| (program.target.clone(), program.package.clone(), program.name.clone());
        programs.sort_by_key(key);
        // What is built for this machine whatever the target, several calls may have made: procedural macros.
        programs.dedup_by(|a, b| key(a) == key(b));
        programs
    }

    /// The folders in which a program's own dynamic libraries may lie: those that build scripts named.
    pub(super) fn library_folders(&self, release: &Release) -> Vec<PathBuf> {
        let named = self.scripts.iter().flat_map(|script| &script.linked_paths);
        let folders = named.map(|path| {
            let path = path.as_str();
            // `native=FOLDER` and other kinds.
            PathBuf::from(path.split_once('=').map_or(path, |(_, folder)| folder))
        });
        folders.filter(|folder| folder.starts_with(&release.folders.target_directory)).collect()
    }

    /// What cargo sets for the tests of a package: see "Environment variables Cargo sets for crates" in the Cargo
    /// Book; `cargo test` sets the same when it runs them.
    fn variables(&self, package: &Package, target: &str, release: &Release) -> BTreeMap<String, String> {
        let version = &package.version;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let path = |value: &Option<cargo_metadata::camino::Utf8PathBuf>| {
            value.as_ref().map_or_else(String::new, ToString::to_string)
        };
        let mut variables: BTreeMap<String, String> = [
            ("CARGO_MANIFEST_PATH", package.manifest_path.to_string()),
            ("CARGO_MANIFEST_DIR", package.manifest_path.parent().map_or_else(String::new, ToString::to_string)),
            ("CARGO_PKG_NAME", package.name.to_string()),
            ("CARGO_PKG_VERSION", version.to_string()),
            ("CARGO_PKG_VERSION_MAJOR", version.major.to_string()),
            ("CARGO_PKG_VERSION_MINOR", version.minor.to_string()),
            ("CARGO_PKG_VERSION_PATCH", version.patch.to_string()),
            ("CARGO_PKG_VERSION_PRE", version.pre.to_string()),
            ("CARGO_PKG_AUTHORS", package.authors.join(":")),
            ("CARGO_PKG_DESCRIPTION", text(&package.description)),
            ("CARGO_PKG_HOMEPAGE", text(&package.homepage)),
            ("CARGO_PKG_REPOSITORY", text(&package.repository)),
            ("CARGO_PKG_LICENSE", text(&package.license)),
            ("CARGO_PKG_LICENSE_FILE", path(&package.license_file)),
            ("CARGO_PKG_README", path(&package.readme)),
            ("CARGO_PKG_RUST_VERSION", package.rust_version.as_ref().map_or_else(String::new, ToString::to_string)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let own = |path: &Path| triple_of(release, path) == target;
        let scripts = self.scripts.iter().filter(|script| script.package_id == package.id);
        for script in scripts.filter(|script| own(script.out_dir.as_std_path())) {
            variables.extend(script.env.iter().cloned());
            variables.insert("OUT_DIR".to_owned(), script.out_dir.to_string());
        }
        let artifacts = self.artifacts.iter().filter(|artifact| artifact.package_id == package.id);
        let is_program = |artifact: &&Artifact| !artifact.profile.test && artifact.target.kind == [TargetKind::Bin];
        for (artifact, path) in artifacts.filter(is_program).filter_map(|a| Some((a, a.executable.as_ref()?))) {
            if own(path.as_std_path()) {
                variables.insert(format!("CARGO_BIN_EXE_{}", artifact.target.name), path.to_string());
            }
        }
        variables
    }
}

/// Whether rustdoc would look for tests in a package.
pub(super) fn has_documentation_tests(workspace: &Workspace, package: &str) -> bool {
    let members = workspace.members();
    let package = members.into_iter().find(|member| member.name.as_str() == package);
    package.is_some_and(|package| package.targets.iter().any(|target| target.doctest && !target.is_bin()))
}

fn name(artifact: &Artifact) -> String {
    let name = &artifact.target.name;
    match artifact.target.kind.first() {
        Some(TargetKind::Bin) => format!("bin {name}"),
        Some(TargetKind::Test) => format!("test {name}"),
        Some(TargetKind::Bench) => format!("bench {name}"),
        Some(TargetKind::Example) => format!("example {name}"),
        _ => "lib".to_owned(),
    }
}

/// The target in whose folder a file lies; what lies in none is made for this machine.
fn triple_of<'a>(release: &'a Release, file: &Path) -> &'a str {
    let folders = &release.folders;
    for group in release.groups.iter().filter(|group| group.apart.is_some()) {
        let triple = group.targets.first().map_or(release.rustc.host.as_str(), String::as_str);
        if let Ok(inside) = file.strip_prefix(group.target_directory(folders)) {
            return if inside.starts_with(release.spec_of(triple)) { triple } else { &release.rustc.host };
        }
    }
    let roots = [Some(&folders.target_directory), folders.build_directory.as_ref()].into_iter().flatten();
    let mut inside = roots.filter_map(|root| file.strip_prefix(root).ok()?.components().next()?.as_os_str().to_str());
    let named = inside.find_map(|first| release.targets.get_key_value(first));
    named.map_or(&release.rustc.host, |(triple, _)| triple)
}
