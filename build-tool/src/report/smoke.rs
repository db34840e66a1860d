//! Which programs `--smoke` has started, by what, and which it could not.

use serde::Serialize;

use crate::event::Outcome;
use crate::execute::Finished;
use crate::plan::Plan;
use crate::plan::table_look::{plain_table, text};
use crate::release::Release;
use crate::stages::smoke;

/// The programs of one app for one target.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Started {
    /// The app.
    pub app: String,
    /// The triple.
    pub target: String,
    /// `right`, `stands` (they are those that were started before), or `not-run`.
    pub outcome: &'static str,
    /// What ran them, or why nothing could.
    pub how: String,
}

/// Every app for every target, in the release's order; nothing where it was not asked for.
pub fn started(release: &Release, plan: &Plan, finished: &Finished) -> Vec<Started> {
    if !release.smoke {
        return Vec::new();
    }
    let outcome = |app: &String, target: &String| {
        let mut steps = plan.steps.iter().zip(&finished.steps).filter(|(step, _)| step.stage == smoke::NAME);
        let ran = steps.find(|(step, _)| step.subject.apps.contains(app) && step.subject.targets.contains(target));
        match ran {
            Some((_, result)) if result.outcome == Outcome::Cached => "stands",
            Some(_) => "right",
            None => "not-run",
        }
    };
    let cells = release.apps.iter().flat_map(|app| app.targets.iter().map(move |target| (app, target)));
    let with_programs = cells.filter(|(app, _)| !app.binaries.is_empty());
    with_programs
        .map(|(app, target)| Started {
            app: app.name.clone(),
            target: target.clone(),
            outcome: outcome(&app.name, target),
            how: release.runner_of(target).describe(),
        })
        .collect()
}

/// The table; empty where nothing was to be started.
pub fn smoke_table(all: &[Started]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut table = plain_table(&["STARTED", "TARGET", "", ""]);
    for one in all {
        let outcome = one.outcome.replace('-', " ");
        table.add_row([&one.app, &one.target, &outcome, &one.how]);
    }
    format!("\n{}", text(&table))
}
