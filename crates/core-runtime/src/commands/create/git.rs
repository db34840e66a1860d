//! Starts a git repository in a new project, where it is not in one already.

use std::path::Path;

use crate::context::Context;
use crate::process::{self, Program};

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Started {
    /// There is one now.
    Yes,
    /// The project lies within another repository.
    Within,
    /// Nobody wanted one.
    Unwanted,
    /// It did not work. The project is whole without.
    Failed(String),
}

impl Started {
    pub(super) fn said(&self) -> &'static str {
        match self {
            Self::Yes => ", a git repository",
            Self::Within => ", in the git repository around it",
            Self::Unwanted | Self::Failed(_) => "",
        }
    }
}

/// Starts one in `folder`, which is going to be `destination`.
pub(super) fn start(context: &Context, folder: &Path, destination: &Path) -> Started {
    let around = destination.ancestors().find(|folder| folder.is_dir()).unwrap_or(folder);
    let within = git(context, around, &["rev-parse", "--is-inside-work-tree"]);
    if within.as_ref().is_ok_and(|said| said.trim() == "true") {
        return Started::Within;
    }
    match git(context, folder, &["init", "--quiet"]) {
        Ok(_) => Started::Yes,
        Err(why) => Started::Failed(why),
    }
}

/// What git printed, or why it did not work.
fn git(context: &Context, folder: &Path, args: &[&str]) -> Result<String, String> {
    let folders = context.variables.path();
    let program = process::look_up("git".as_ref(), &folders).map_err(|_| "there is no git on PATH".to_owned())?;
    let mut variables = context.variables.clone();
    // Within a hook these name another repository.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX"] {
        variables.remove(name);
    }
    let program = Program::new(program, folder, variables).args(args.iter().copied());
    let captured = process::capture(&program).map_err(|error| error.to_string())?;
    if captured.ending.is_success() {
        Ok(String::from_utf8_lossy(&captured.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&captured.stderr).trim().to_owned())
    }
}
