//! `doctor`: the tools that this plan needs, and only those.

use std::path::Path;

use super::{Error, Wish, prepare, release};
use crate::cli::ReleaseFlags;
use crate::exit;
use crate::plan::table_look::{plain_table, text};
use crate::report::Reporter;

/// Shows what is there and what is missing; exit 3 if anything is.
pub(super) fn run(folder: &Path, flags: &ReleaseFlags, reporter: &Reporter) -> Result<u8, Error> {
    let wish = Wish { flags, parts: release::parts(flags), refuse_dirty: false, imported: None };
    let prepared = prepare(folder, &wish, reporter)?;
    let findings = prepared.toolchain.findings(&prepared.release, &prepared.plan);
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
    reporter.result(&text(&table));
    prepared.toolchain.preflight(&prepared.release, &prepared.plan)?;
    Ok(exit::DONE)
}
