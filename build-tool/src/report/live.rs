//! On a terminal: one line a target, with cargo's unit count; diagnostics
//! scroll above it.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::event::{Event, Outcome};

/// The lines at the bottom of the terminal.
pub(super) struct Live {
    lines: MultiProgress,
    targets: BTreeMap<String, ProgressBar>,
    /// The widest target's name so far.
    width: usize,
    color: bool,
    verbose: bool,
}

/// The line of what belongs to no single target.
const WHOLE: &str = "release";

impl Live {
    pub(super) fn new(color: bool, verbose: bool) -> Self {
        Self { lines: MultiProgress::new(), targets: BTreeMap::new(), width: WHOLE.len(), color, verbose }
    }

    pub(super) fn event(&mut self, event: &Event) {
        match event {
            Event::Note { text } => self.above(text),
            Event::Warning { text } => {
                let word = if self.color { "\u{1b}[33mwarning\u{1b}[0m" } else { "warning" };
                self.above(&format!("{word}: {text}"));
            }
            Event::ToolOutput { line, .. } => self.above(line),
            Event::Command { command, .. } if self.verbose => self.above(command),
            Event::Command { .. } => {}
            Event::StepStarted { targets, text, .. } => {
                for target in names(targets) {
                    let line = self.line(target);
                    line.set_length(0);
                    line.set_message(text.clone());
                }
            }
            Event::Units { targets, done, total, current, .. } => {
                for target in names(targets) {
                    self.line(target).set_message(format!("compiled {done} of {total} units: {current}"));
                }
            }
            Event::StepFinished { targets, text, outcome, .. } => {
                let how = match outcome {
                    Outcome::Made => "done",
                    Outcome::Cached => "nothing changed",
                    Outcome::Failed => "failed",
                    Outcome::Skipped => "not started",
                };
                for target in names(targets) {
                    self.line(target).set_message(format!("{text}: {how}"));
                }
            }
        }
    }

    pub(super) fn end(self) {
        for line in self.targets.values() {
            line.finish_and_clear();
        }
        let _terminal_may_be_gone = self.lines.clear();
    }

    fn above(&self, text: &str) {
        // Where nothing is drawn yet, indicatif would print nothing either.
        let _terminal_may_be_gone = self.lines.println(text);
    }

    fn line(&mut self, target: &str) -> &ProgressBar {
        self.width = self.width.max(target.len());
        let width = self.width;
        self.targets.entry(target.to_owned()).or_insert_with(|| {
            let line = self.lines.add(ProgressBar::new_spinner());
            let template = format!("{{spinner}} {{prefix:{width}}}  {{wide_msg}}");
            if let Ok(style) = ProgressStyle::with_template(&template) {
                line.set_style(style);
            }
            line.set_prefix(target.to_owned());
            line.enable_steady_tick(Duration::from_millis(120));
            line
        })
    }
}

fn names(targets: &[String]) -> Vec<&str> {
    if targets.is_empty() { vec![WHOLE] } else { targets.iter().map(String::as_str).collect() }
}
