//! Where a user's linked packages and their commands are.

use std::path::PathBuf;

use crate::context::Context;
use crate::environment::{self, EnvironmentVariables};

/// Two folders; they need not be there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Places {
    /// Links to packages, by their names.
    pub(crate) modules: PathBuf,
    /// Their commands.
    pub(crate) bin: PathBuf,
}

impl Places {
    /// Below `BUN_INSTALL` where it is set, as Bun has it; otherwise in the user's data folder: `$XDG_DATA_HOME/rust-bun` or
    /// `~/.local/share/rust-bun`, on macOS `~/Library/Application Support/rust-bun`, on Windows `%LOCALAPPDATA%\rust-bun`.
    ///
    /// # Errors
    ///
    /// There is neither a variable nor a home folder.
    pub(crate) fn of(context: &Context) -> Result<Self, environment::Error> {
        let root = match EnvironmentVariables::of(&context.variables).bun_install {
            Some(folder) => context.environment.cwd.join(folder),
            None => data_folder(context)?.join("rust-bun"),
        };
        Ok(Self { modules: root.join("install").join("global").join("node_modules"), bin: root.join("bin") })
    }
}

fn data_folder(context: &Context) -> Result<PathBuf, environment::Error> {
    let named = if cfg!(windows) {
        Some("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        None
    } else {
        Some("XDG_DATA_HOME")
    };
    let folder = named.and_then(|name| context.variables.get(name)).map(PathBuf::from);
    // The directory specification of freedesktop.org: a relative one is to be passed over.
    if let Some(folder) = folder.filter(|folder| folder.is_absolute()) {
        return Ok(folder);
    }
    let below = if cfg!(windows) {
        "AppData/Local"
    } else if cfg!(target_os = "macos") {
        "Library/Application Support"
    } else {
        ".local/share"
    };
    Ok(context.environment.home()?.join(below))
}
