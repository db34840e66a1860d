//! What became of every program with tests: one table, or one JSON object each.

use std::time::Instant;

use serde_json::json;

use super::programs::TestProgram;
use crate::plan::table_look::{plain_table, text};
use crate::report::{Reporter, seconds};

/// How the tests of one program went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Passed,
    /// And how it ended, where that was not by counting failures.
    Failed(Option<String>),
    NotRun,
}

/// What a program reports of its tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) ignored: u64,
}

/// One program with tests.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) target: String,
    pub(super) package: String,
    pub(super) name: String,
    pub(super) verdict: Verdict,
    pub(super) counts: Option<Counts>,
    pub(super) milliseconds: u64,
    /// How it runs here, or why it does not.
    pub(super) how: String,
}

impl Row {
    pub(super) fn not_run(program: &TestProgram, why: String) -> Self {
        Self {
            target: program.target.clone(),
            package: program.package.clone(),
            name: program.name.clone(),
            verdict: Verdict::NotRun,
            counts: None,
            milliseconds: 0,
            how: why,
        }
    }

    pub(super) fn failed(&self) -> bool {
        matches!(self.verdict, Verdict::Failed(_))
    }

    fn word(&self) -> &'static str {
        match self.verdict {
            Verdict::Passed => "passed",
            Verdict::Failed(_) => "FAILED",
            Verdict::NotRun => "not run",
        }
    }

    fn remark(&self) -> String {
        match &self.verdict {
            Verdict::Failed(Some(status)) => format!("{}, ended with {status}", self.how),
            _ => self.how.clone(),
        }
    }
}

/// All rows.
#[derive(Debug, Default)]
pub(super) struct Outcomes(Vec<Row>);

impl Outcomes {
    pub(super) fn add(&mut self, row: Row) {
        self.0.push(row);
    }

    pub(super) fn any_failed(&self) -> bool {
        self.0.iter().any(Row::failed)
    }

    /// The table for people, the objects for programs.
    pub(super) fn tell(&self, reporter: &Reporter) {
        let mut table = plain_table(&["TARGET", "PACKAGE", "TESTS", "", "PASSED", "FAILED", "IGNORED", "TIME", ""]);
        for row in &self.0 {
            let ran = row.verdict != Verdict::NotRun;
            let count =
                |of: fn(Counts) -> u64| row.counts.map_or_else(|| "–".to_owned(), |counts| of(counts).to_string());
            table.add_row([
                row.target.clone(),
                row.package.clone(),
                row.name.clone(),
                row.word().to_owned(),
                count(|counts| counts.passed),
                count(|counts| counts.failed),
                count(|counts| counts.ignored),
                if ran { seconds(row.milliseconds) } else { "–".to_owned() },
                row.remark(),
            ]);
            reporter.object(&json!({
                "event": "tests",
                "target": row.target,
                "package": row.package,
                "name": row.name,
                "outcome": row.word().to_lowercase().replace(' ', "-"),
                "passed": row.counts.map(|counts| counts.passed),
                "failed": row.counts.map(|counts| counts.failed),
                "ignored": row.counts.map(|counts| counts.ignored),
                "milliseconds": ran.then_some(row.milliseconds),
                "how": row.remark(),
            }));
        }
        reporter.result(&format!("{}\n{}\n", text(&table), self.sums()));
    }

    fn sums(&self) -> String {
        let sum = |of: fn(Counts) -> u64| self.0.iter().filter_map(|row| row.counts.map(of)).sum::<u64>();
        let mut text = format!(
            "{} passed, {} failed, {} ignored",
            sum(|counts| counts.passed),
            sum(|counts| counts.failed),
            sum(|counts| counts.ignored)
        );
        let uncounted = |row: &&Row| row.failed() && row.counts.is_none_or(|counts| counts.failed == 0);
        for (count, what) in [
            (self.0.iter().filter(uncounted).count(), "broke off"),
            (self.0.iter().filter(|row| row.verdict == Verdict::NotRun).count(), "not run"),
        ] {
            if count > 0 {
                text += &format!("; {count} program{} {what}", if count == 1 { "" } else { "s" });
            }
        }
        text
    }
}

/// Since then.
pub(super) fn milliseconds(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX)
}
