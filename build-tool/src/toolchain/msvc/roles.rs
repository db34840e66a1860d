//! The roles in which cargo calls this program back: linker, C and C++ compiler,
//! archiver. Each is a link to our own program in the kit's folder, and the name
//! that we were called by says which it is; what it must know lies beside it.
//! So nothing depends on variables that a build script may clear, and a path
//! with blanks is one path.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::link_folder::{LINE, LinkFolder};
use super::{Kit, MsvcError, at, compile, exports, kit, link, link_line};
use crate::tool::Launcher;
use crate::toolchain::roles::Played;

/// What lies beside the names.
const SETTINGS: &str = "msvc-kit.json";

/// One of the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `lld-link`: rustc sees from the name that it takes link.exe's arguments.
    Link,
    /// `cc`.
    C,
    /// `c++`.
    Cpp,
    /// `lib`: the `cc` crate calls an archiver for these targets in the manner of Microsoft's.
    Archive,
}

impl Role {
    const ALL: [Self; 4] = [Self::Link, Self::C, Self::Cpp, Self::Archive];

    /// The file's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Link => "lld-link",
            Self::C => "cc",
            Self::Cpp => "c++",
            Self::Archive => "lib",
        }
    }
}

/// Writes the names and what lies beside them.
pub(super) fn write(kit: &Kit, ours: &Path) -> Result<(), MsvcError> {
    let folder = &kit.tools;
    let settings = folder.join(SETTINGS);
    let text = serde_json::to_vec_pretty(kit).map_err(|error| at("write", &settings)(error.into()))?;
    if std::fs::read(&settings).is_ok_and(|there| there == text) {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(at("create", folder))?;
    for role in Role::ALL {
        let name = folder.join(role.name());
        // Another run may have made it just now: then it leads to the same program.
        match link_to(ours, &name) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            other => other.map_err(at("create", &name))?,
        }
    }
    // Last: with it, all are there.
    kit::write_whole(&settings, &text)
}

#[cfg(unix)]
fn link_to(ours: &Path, name: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(ours, name)
}

/// Where links need a privilege: a second name, or a copy.
#[cfg(not(unix))]
fn link_to(ours: &Path, name: &Path) -> std::io::Result<()> {
    let name = name.with_extension(std::env::consts::EXE_EXTENSION);
    std::fs::hard_link(ours, &name).or_else(|_| std::fs::copy(ours, &name).map(drop))
}

/// Plays the role that our name names, if it names one.
pub fn play() -> Option<Played> {
    let mut arguments = std::env::args_os();
    let called = PathBuf::from(arguments.next()?);
    let stem = called.file_stem().filter(|_| called.parent().is_some_and(|folder| !folder.as_os_str().is_empty()))?;
    let role = Role::ALL.into_iter().find(|role| stem == role.name())?;
    let settings = called.with_file_name(SETTINGS);
    let text = std::fs::read(&settings).ok()?;
    let played = serde_json::from_slice(&text)
        .map_err(|_| MsvcError::Settings { path: settings })
        .and_then(|kit| play_as(role, &kit, arguments.collect()));
    Some(played.unwrap_or_else(|error| Played { says: with_help(&error), failed: true }))
}

fn play_as(role: Role, kit: &Kit, arguments: Vec<OsString>) -> Result<Played, MsvcError> {
    match role {
        // What lld says is read first, so it does not run in our own group: it is guarded instead.
        Role::Link => link::run(&Launcher::guarded(), kit, arguments),
        Role::C => compile::run(&Launcher::new(), kit, compile::Language::C, arguments),
        Role::Cpp => compile::run(&Launcher::new(), kit, compile::Language::Cpp, arguments),
        Role::Archive => archive(&Launcher::guarded(), kit, arguments),
    }
}

/// Puts a library together. An archive of Microsoft's kind keeps the paths of its members as they were given, and
/// the linker writes those into the PDB: so they are given in their short form.
fn archive(launcher: &Launcher, kit: &Kit, arguments: Vec<OsString>) -> Result<Played, MsvcError> {
    let mut folder = LinkFolder::new()?;
    let line = folder.shorten(&link_line::expand(arguments)?)?;
    folder.write_line(&line)?;
    let call = exports::zig_call(&kit.zig, "put a library together").args(["lib", LINE]).cwd(folder.path());
    let output = launcher.output(&call)?;
    Ok(Played { says: folder.said(&output), failed: !output.status.success() })
}

/// An error as rustc and build scripts hand it on: without colours or frames.
fn with_help(error: &MsvcError) -> String {
    let mut text = format!("error: {error}");
    let mut source = std::error::Error::source(error);
    while let Some(reason) = source {
        text += &format!(": {reason}");
        source = reason.source();
    }
    if let Some(help) = miette::Diagnostic::help(error) {
        text += &format!("\nhelp: {help}");
    }
    text + "\n"
}
