//! `doctor`: the tools that this plan needs, and only those.

use std::path::Path;

use super::{Error, Wish, prepare, release};
use crate::cli::ReleaseFlags;
use crate::exit;
use crate::plan::table_look::{plain_table, text};
use crate::release::Purpose;
use crate::report::Reporter;

/// Shows what is there and what is missing; exit 3 if anything is.
pub(super) fn run(folder: &Path, flags: &ReleaseFlags, reporter: &Reporter) -> Result<u8, Error> {
    let wish =
        Wish { flags, parts: release::parts(flags), purpose: Purpose::Apps, refuse_dirty: false, imported: None };
    let prepared = prepare(folder, &wish, reporter)?;
    let findings = prepared.toolchain.findings(&prepared.release, &prepared.tools);
    let mut table = plain_table(&["TOOL", "FOR", "", "WHERE, OR HOW TO GET IT"]);
    for finding in &findings {
        let (state, detail) = match &finding.answer {
            Ok(place) => ("there", place),
            Err(remedy) => ("missing", remedy),
        };
        table.add_row([&finding.name, &finding.purpose, &state.to_owned(), detail]);
        reporter.object(&serde_json::json!({
            "event": "tool",
            "name": finding.name,
            "purpose": finding.purpose,
            "found": finding.answer.is_ok(),
            "detail": detail,
        }));
    }
    for target in prepared.release.targets.values().filter(|target| target.triple != prepared.release.rustc.host) {
        let (name, purpose) = (format!("runner for {}", target.triple), "runs its programs: --smoke, test");
        let detail = target.runner.describe();
        table.add_row([name.as_str(), purpose, if target.runner.works() { "there" } else { "optional" }, &detail]);
        reporter.object(&serde_json::json!({
            "event": "runner",
            "target": target.triple,
            "found": target.runner.works(),
            "detail": detail,
        }));
    }
    reporter.result(&text(&table));
    prepared.toolchain.preflight(&prepared.release, &prepared.tools)?;
    Ok(exit::DONE)
}
