//! What a finished run says: artifacts with size, time and whether they were
//! made, the longest path, the cache; and the same as `report.json`.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::json;

use crate::artifact::ArtifactId;
use crate::event::Outcome;
use crate::execute::Finished;
use crate::plan::Plan;
use crate::plan::table_look::{plain_table, text};
use crate::release::Release;
use crate::stages::Place;

/// Beside the release: what differs from machine to machine, in no checksum.
const REPORT_SCHEMA: u32 = 1;

/// The table at the end of a run, and the lines below it.
pub fn summary(plan: &Plan, finished: &Finished, place: Place, base: &Path) -> String {
    let mut table = plain_table(&["ARTIFACT", "SIZE", "TIME", ""]);
    for (id, at, made, outcome) in finished.artifacts.iter().filter(|(_, at, ..)| *at == place) {
        let path = made.path.strip_prefix(base).unwrap_or(&made.path).display().to_string();
        let name = if *at == Place::Dist { id.name.clone() } else { path };
        let (time, how) = match outcome {
            Outcome::Cached => ("–".to_owned(), "cached"),
            _ => (seconds(time_of(plan, finished, id)), "made"),
        };
        table.add_row([name, size_text(made.size), time, how.to_owned()]);
    }
    let mut text = text(&table);
    text += &format!("\n{} in {}\n", counts(finished), seconds(millis(finished.elapsed)));
    let durations: Vec<u64> = finished.steps.iter().map(|step| step.milliseconds).collect();
    let path = plan.longest_path(&durations);
    let long: Vec<String> = path
        .into_iter()
        .filter(|&index| durations[index] >= 100)
        .map(|index| format!("{} {}", plan.steps[index].step.describe(), seconds(durations[index])))
        .collect();
    if !long.is_empty() {
        text += &format!("longest path: {}\n", long.join(" → "));
    }
    if let Some(cache) = finished.cache {
        text += &format!("sccache: {} hits, {} misses\n", cache.hits, cache.misses);
    }
    if !finished.strangers.is_empty() {
        text += &format!("not ours, left in the dist folder: {}\n", finished.strangers.join(", "));
    }
    text
}

fn counts(finished: &Finished) -> String {
    let cached = finished.steps.iter().filter(|step| step.outcome == Outcome::Cached).count();
    let made = finished.steps.len() - cached;
    format!("{} steps: {made} run, {cached} cached", finished.steps.len())
}

/// The time of the step that made an artifact.
fn time_of(plan: &Plan, finished: &Finished, id: &ArtifactId) -> u64 {
    let makers = plan.steps.iter().zip(&finished.steps);
    makers.filter(|(step, _)| step.outputs.iter().any(|output| output.id == *id)).map(|(_, r)| r.milliseconds).sum()
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A duration for people.
pub fn seconds(milliseconds: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let seconds = milliseconds as f64 / 1000.0;
    if milliseconds < 60_000 {
        format!("{seconds:.2} s")
    } else {
        format!("{} min {:02} s", milliseconds / 60_000, milliseconds / 1000 % 60)
    }
}

/// A size for people, in powers of 1024.
pub fn size_text(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
    let bytes_float = bytes as f64;
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes_float / 1024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", bytes_float / 1_048_576.0),
        _ => format!("{:.1} GiB", bytes_float / 1_073_741_824.0),
    }
}

/// Writes `report.json` into the dist folder.
///
/// # Errors
/// The file cannot be written.
pub fn write_report_file(release: &Release, jobs: usize, plan: &Plan, finished: &Finished) -> io::Result<()> {
    let dist = &release.folders.dist;
    let steps =
        plan.steps.iter().zip(&finished.steps).map(
            |(step, result)| json!({ "id": step.id, "outcome": result.outcome, "milliseconds": result.milliseconds }),
        );
    let mut report = json!({
        "schema": REPORT_SCHEMA,
        "host": release.rustc.host,
        "jobs": jobs,
        "milliseconds": millis(finished.elapsed),
        "steps": steps.collect::<Vec<_>>(),
        "sccache": finished.cache,
    });
    if release.smoke {
        report["smoke"] = json!(super::started(release, plan, finished));
    }
    let path = dist.join(crate::execute::REPORT);
    let temporary = dist.join(format!(".{}.partial", crate::execute::REPORT));
    fs::write(&temporary, format!("{report:#}\n"))?;
    fs::rename(temporary, path)
}
