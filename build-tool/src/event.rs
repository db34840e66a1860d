//! What happens, as data. Stages and the engine say events; only `report`
//! turns them into text.

use serde::Serialize;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It ran.
    Made,
    /// Its fingerprint and outputs stand: nothing was done.
    Cached,
    /// It failed.
    Failed,
    /// It could not start, since what it needs was not made.
    Skipped,
}

/// One thing that happened. The JSON form is one object a line, tagged `event`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Something worth knowing.
    Note {
        /// One sentence.
        text: String,
    },
    /// Something that may be wrong.
    Warning {
        /// One sentence, and what to do.
        text: String,
    },
    /// A step begins.
    StepStarted {
        /// The step's id in the plan.
        step: String,
        /// The targets that it is for (several for one compile call).
        targets: Vec<String>,
        /// The line that the user sees.
        text: String,
    },
    /// A program is started.
    Command {
        /// The step's id in the plan.
        step: String,
        /// The command, quoted for a POSIX shell.
        command: String,
    },
    /// A compiler finished some of its units.
    Units {
        /// The step's id in the plan.
        step: String,
        /// The targets that are being compiled.
        targets: Vec<String>,
        /// Units done.
        done: u64,
        /// Units in all.
        total: u64,
        /// What is being compiled now.
        current: String,
    },
    /// A line that a tool wrote for the user: a compiler's diagnostic.
    ToolOutput {
        /// The step's id in the plan.
        step: String,
        /// The line, without its end.
        line: String,
    },
    /// A step ended.
    StepFinished {
        /// The step's id in the plan.
        step: String,
        /// The targets that it was for.
        targets: Vec<String>,
        /// The line that the user sees.
        text: String,
        /// How.
        outcome: Outcome,
        /// Its duration in milliseconds.
        milliseconds: u64,
    },
}
