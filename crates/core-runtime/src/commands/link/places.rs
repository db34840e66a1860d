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
    /// Below `BUN_INSTALL` where it is set, as Bun has it; otherwise in the user's data folder.
    ///
    /// # Errors
    ///
    /// There is neither a variable nor a home folder.
    pub(crate) fn of(context: &Context) -> Result<Self, environment::Error> {
        let root = match EnvironmentVariables::of(&context.variables).bun_install {
            Some(folder) => context.environment.cwd.join(folder),
            None => environment::data_folder(&context.variables)?,
        };
        Ok(Self { modules: root.join("install").join("global").join("node_modules"), bin: root.join("bin") })
    }
}
