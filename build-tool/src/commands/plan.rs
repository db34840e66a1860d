//! `plan`, and `--dry-run` of the verbs that follow one.

use std::path::Path;

use super::{Error, Prepared, Wish, prepare, release};
use crate::cli::{PlanFormat, ReleaseFlags};
use crate::exit;
use crate::plan;
use crate::release::Purpose;
use crate::report::Reporter;

/// Shows the plan of a release.
pub(super) fn run(folder: &Path, flags: &ReleaseFlags, format: PlanFormat, reporter: &Reporter) -> Result<u8, Error> {
    let wish = Wish {
        flags,
        parts: release::parts(flags),
        purpose: Purpose::Apps,
        refuse_dirty: false,
        imported: None,
        fetches: false,
    };
    let prepared = prepare(folder, &wish, reporter)?;
    show(&prepared, format, reporter);
    Ok(exit::DONE)
}

/// Shows a plan that was made.
pub(super) fn show(prepared: &Prepared, format: PlanFormat, reporter: &Reporter) {
    let (release, plan) = (&prepared.release, &prepared.plan);
    if reporter.is_json() {
        reporter.object(&plan::json(release, plan));
        return;
    }
    match format {
        PlanFormat::Table => reporter.document(&plan::table(release, plan, reporter.verbose() > 0)),
        PlanFormat::Json => reporter.document(&format!("{:#}\n", plan::json(release, plan))),
        PlanFormat::Dot => reporter.document(&plan::dot(plan)),
        // One line, as a workflow's output takes it.
        PlanFormat::GithubMatrix => reporter.document(&format!("{}\n", plan::github_matrix(release))),
    }
    for warning in &release.warnings {
        reporter.say(&format!("warning: {warning}"));
    }
}
