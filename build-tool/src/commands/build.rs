//! `build`: finished binaries, nothing packed. Prints their paths.

use std::path::Path;

use super::release::{make, tell_artifacts, tell_smoke};
use super::{Error, UsageError, Wish, plan, prepare};
use crate::cli::{PlanFormat, ReleaseFlags};
use crate::exit;
use crate::release::Purpose;
use crate::report::Reporter;
use crate::stages::{Part, Place};

/// Makes the finished binaries.
pub(super) fn run(folder: &Path, flags: &ReleaseFlags, dry_run: bool, reporter: &Reporter) -> Result<u8, Error> {
    if flags.shard {
        return Err(UsageError::ShardOfBuild.into());
    }
    let wish = Wish {
        flags,
        parts: Part::BUILD,
        purpose: Purpose::Apps,
        refuse_dirty: false,
        imported: None,
        fetches: !dry_run,
    };
    let mut prepared = prepare(folder, &wish, reporter)?;
    if dry_run {
        plan::show(&prepared, PlanFormat::Table, reporter);
        return Ok(exit::DONE);
    }
    let mut finished = make(&mut prepared, flags, reporter)?;
    let state = prepared.release.folders.state();
    let wanted: Vec<_> = prepared.plan.finished_files(&state).map(|output| output.path.clone()).collect();
    finished.artifacts.retain(|(_, _, made, _)| wanted.contains(&made.path));
    tell_artifacts(&finished, Place::Work, reporter);
    let paths: String = wanted.iter().map(|path| format!("{}\n", path.display())).collect();
    reporter.result(&paths);
    let table = tell_smoke(&prepared, &finished, reporter);
    if !table.is_empty() {
        // Standard output is the paths, for scripts.
        reporter.say(table.trim_end());
    }
    Ok(exit::DONE)
}
