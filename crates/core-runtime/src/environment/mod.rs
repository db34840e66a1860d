//! What a run knows of the machine and the folders it runs in: looked up once, at its start.

mod detect;
mod typed;
mod variables;

use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;

pub use typed::{EnvironmentVariables, Mode};
pub use variables::Variables;

/// The machine and the folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Compiled with debug assertions.
    pub is_debug: bool,
    /// Compiled without debug assertions.
    pub is_release: bool,
    /// Compiled with AddressSanitizer.
    pub enable_asan: bool,
    /// Started by a continuous integration service, by what such services put into the variables.
    pub is_ci: bool,
    /// In a container: Docker, Podman, containerd, Kubernetes. Only ever true on Linux.
    pub is_docker: bool,
    /// The user's folder, absolute; see [`Environment::home`]. There is none for a service without an account.
    pub home_dir: Option<PathBuf>,
    /// The folder that this run works in, absolute.
    pub cwd: PathBuf,
    /// Where short-lived files go, absolute. It need not exist.
    pub temp_dir: PathBuf,
}

/// What is wrong with the surroundings.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum Error {
    /// The folder that the program was started in is gone or closed to it
    #[error("cannot tell which folder this is")]
    #[diagnostic(help("the folder was perhaps removed: change to one that exists, or name one with --cwd"))]
    WorkingFolder(#[source] io::Error),
    /// `--cwd` leads nowhere
    #[error("cannot work in {}", path.display())]
    #[diagnostic(help("--cwd takes a folder that exists and that you may enter"))]
    NoSuchFolder {
        /// As it was given.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Nobody knows where the user's files are
    #[error("there is no home folder")]
    #[diagnostic(help("set {} to an absolute path", if cfg!(windows) { "USERPROFILE" } else { "HOME" }))]
    NoHome,
}

/// Where this program keeps what is the user's: `$XDG_DATA_HOME/rust-bun` or `~/.local/share/rust-bun`, on macOS
/// `~/Library/Application Support/rust-bun`, on Windows `%LOCALAPPDATA%\rust-bun`. It need not exist.
///
/// # Errors
///
/// There is neither a variable nor a home folder.
pub fn data_folder(variables: &Variables) -> Result<PathBuf, Error> {
    let (named, below) = if cfg!(windows) {
        (Some("LOCALAPPDATA"), "AppData/Local")
    } else if cfg!(target_os = "macos") {
        (None, "Library/Application Support")
    } else {
        (Some("XDG_DATA_HOME"), ".local/share")
    };
    let folder = named.and_then(|name| variables.get(name)).map(PathBuf::from);
    // The directory specification of freedesktop.org: a relative one is to be passed over.
    let folder = folder.filter(|folder| folder.is_absolute());
    let home = || detect::home(variables, std::env::home_dir).ok_or(Error::NoHome);
    Ok(folder.map_or_else(|| Ok(home()?.join(below)), Ok)?.join("rust-bun"))
}

impl Environment {
    /// Looks everything up: what the variables say, and what the system does. `cwd` is absolute.
    #[must_use]
    pub fn detect(variables: &Variables, cwd: PathBuf) -> Self {
        Self {
            is_debug: cfg!(debug_assertions),
            is_release: !cfg!(debug_assertions),
            enable_asan: cfg!(address_sanitizer),
            is_ci: detect::is_ci(variables),
            is_docker: detect::is_container(variables, Path::new("/")),
            home_dir: detect::home(variables, std::env::home_dir),
            temp_dir: detect::temporary(variables, &cwd, std::env::temp_dir),
            cwd,
        }
    }

    /// The user's folder.
    ///
    /// # Errors
    ///
    /// Where neither the variables nor the system's list of users name one.
    pub fn home(&self) -> Result<&Path, Error> {
        self.home_dir.as_deref().ok_or(Error::NoHome)
    }
}
