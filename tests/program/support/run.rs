//! A finished run of a program: its exit code and both streams, with the
//! assertions that tests make on them. A failed assertion shows everything.

use std::fmt;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How a program ended, and what it said.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
    pub(crate) command: String,
}

impl Run {
    /// Runs a command to its end.
    pub(crate) fn of(mut command: Command) -> Self {
        let started = Instant::now();
        let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            took: started.elapsed(),
            command: format!("{:?}", command.get_args().collect::<Vec<_>>()),
        }
    }

    /// It ended well.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    /// It ended with this exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Standard error says all of these, wherever its lines were broken.
    #[track_caller]
    pub(crate) fn says(self, essentials: &[&str]) -> Self {
        let text = flat(&self.stderr);
        for essential in essentials {
            assert!(text.contains(essential), "standard error does not say {essential:?}\n{self}");
        }
        self
    }

    /// Standard error says none of these.
    #[track_caller]
    pub(crate) fn never_says(self, words: &[&str]) -> Self {
        let text = flat(&self.stderr);
        for word in words {
            assert!(!text.contains(word), "standard error says {word:?}\n{self}");
        }
        self
    }

    /// Standard error says this so many times.
    #[track_caller]
    pub(crate) fn says_times(self, words: &str, times: usize) -> Self {
        assert_eq!(flat(&self.stderr).matches(words).count(), times, "of {words:?}\n{self}");
        self
    }

    /// Standard output holds all of these.
    #[track_caller]
    pub(crate) fn prints(self, essentials: &[&str]) -> Self {
        for essential in essentials {
            assert!(self.stdout.contains(essential), "standard output has no {essential:?}\n{self}");
        }
        self
    }

    /// Every line of standard output, each a JSON object.
    #[track_caller]
    pub(crate) fn objects(&self) -> Vec<Value> {
        let parse = |line: &str| match serde_json::from_str(line) {
            Ok(object @ Value::Object(_)) => object,
            other => panic!("{other:?}: not a JSON object: {line}\n{self}"),
        };
        self.stdout.lines().map(parse).collect()
    }

    /// The whole of standard output as one JSON document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }

    /// How each step ended, as the events say: (step id, outcome).
    #[track_caller]
    pub(crate) fn outcomes(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let finished = self.objects().into_iter().filter(|event| event["event"] == "step-finished");
        finished.map(|event| (text(&event["step"]), text(&event["outcome"]))).collect()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: exit {:?} after {:?}\n--- stdout\n{}\n--- stderr\n{}",
            self.command, self.code, self.took, self.stdout, self.stderr
        )
    }
}

/// Text without the frames and line breaks of error reports.
pub(crate) fn flat(text: &str) -> String {
    let plain: String = text.chars().map(|c| if "│╰─▶×╭·├┬▲┤╮╯".contains(c) { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Runs one of the system's tools, which must succeed; its standard output.
#[track_caller]
pub(crate) fn tool(program: &str, args: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(args).env("LC_ALL", "C").env("TZ", "UTC");
    Run::of(command).ok().stdout
}
