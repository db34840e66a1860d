//! The commit and the tag of a new version.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::Error;
use crate::context::Context;
use crate::error::Result;
use crate::exit::Ending;
use crate::process::{self, Captured, Program, look_up};

/// git in a package's folder.
#[derive(Debug)]
pub(super) struct Git {
    program: Program,
}

impl Git {
    pub(super) fn of(context: &Context, folder: &Path) -> Result<Self> {
        let file = look_up(OsStr::new("git"), &context.variables.path()).map_err(|_| Error::NoGit)?;
        Ok(Self { program: Program::new(file, folder, context.variables.clone()) })
    }

    /// Nothing that the commit would take along unasked; files that git does not know are not in its way.
    pub(super) fn check_clean(&self) -> Result<()> {
        let status = self.run(["status", "--porcelain", "--untracked-files=no"], "")?;
        let changes = lossy(&status.stdout);
        if changes.is_empty() { Ok(()) } else { Err(Error::Uncommitted { changes }.into()) }
    }

    pub(super) fn check_free(&self, tag: &str) -> Result<()> {
        let found = self.try_run(["rev-parse", "--quiet", "--verify", &format!("refs/tags/{tag}")])?;
        if found.ending.is_success() { Err(Error::TagExists { tag: tag.to_owned() }.into()) } else { Ok(()) }
    }

    /// Commits package.json and whatever the script `version` added, and tags the commit.
    pub(super) fn commit(&self, file: &Path, tag: &str, message: &str) -> Result<()> {
        let undo = format!(
            "{} has the new version already; `git checkout HEAD -- package.json` takes it back",
            file.display()
        );
        self.run(["add", "--", "package.json"], &undo)?;
        self.run(["commit", "--quiet", "-m", message], &undo)?;
        self.run(
            ["tag", "-a", tag, "-m", message],
            "the version is committed, only its tag is missing: make it yourself with `git tag`",
        )?;
        Ok(())
    }

    fn run<const N: usize>(&self, args: [&str; N], help: &str) -> Result<Captured> {
        let captured = self.try_run(args)?;
        if captured.ending.is_success() {
            return Ok(captured);
        }
        let said = lossy(if captured.stderr.is_empty() { &captured.stdout } else { &captured.stderr });
        let said = if said.is_empty() { ended(captured.ending) } else { said };
        Err(Error::Git { command: args.join(" "), said, help: help.to_owned() }.into())
    }

    fn try_run<const N: usize>(&self, args: [&str; N]) -> Result<Captured> {
        let program = self.program.clone().args(args.map(OsString::from));
        Ok(process::capture(&program)?)
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

fn ended(ending: Ending) -> String {
    match ending {
        Ending::Code(code) => format!("it exited with {code}"),
        Ending::Signal(signal) => format!("it died of signal {signal}"),
    }
}
