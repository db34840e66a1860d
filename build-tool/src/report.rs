//! The only place that prints. Results go to standard output, narration to
//! standard error; what is printed follows from who reads: a terminal, a log,
//! or a program.

mod live;
mod smoke;
mod summary;

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use serde::Serialize;

use crate::cli::{Cli, ColorChoice, MessageFormat};
use crate::event::{Event, Outcome};
use live::Live;
pub use smoke::{Started, smoke_table, started};
pub use summary::{seconds, size_text, summary, write_report_file};

/// What a hidden role has to say: cargo or the linker's caller shows it.
pub fn role_says(text: &str) {
    let _nobody_to_tell = write!(io::stderr(), "{text}");
}

/// How a run is told.
pub struct Reporter {
    format: MessageFormat,
    quiet: bool,
    verbose: u8,
    color: bool,
    live: Mutex<Option<Live>>,
    /// The first reason why a result was not written, where there was one.
    lost: Mutex<Option<io::Error>>,
}

impl Reporter {
    /// As the command line and the surroundings say.
    pub fn new(cli: &Cli) -> Self {
        let terminal = io::stderr().is_terminal();
        let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false");
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = match cli.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => terminal && !no_color && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        };
        let human = cli.message_format == MessageFormat::Human;
        let live = (human && terminal && !ci && !cli.quiet).then(|| Live::new(color, cli.verbose > 0));
        Self {
            format: cli.message_format,
            quiet: cli.quiet,
            verbose: cli.verbose,
            color,
            live: Mutex::new(live),
            lost: Mutex::new(None),
        }
    }

    /// Whether cargo's diagnostics should be coloured.
    pub fn color(&self) -> bool {
        self.color
    }

    /// Whether results are for a program.
    pub fn is_json(&self) -> bool {
        self.format == MessageFormat::Json
    }

    /// How much more to say.
    pub fn verbose(&self) -> u8 {
        self.verbose
    }

    /// Tells an event.
    pub fn event(&self, event: &Event) {
        if self.is_json() {
            self.object(event);
            return;
        }
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(live) = live.as_mut() {
            live.event(event);
            return;
        }
        drop(live);
        if let Some(line) = self.plain_line(event) {
            narrate(&line);
        }
    }

    /// Without a terminal: plain lines, with the target as prefix.
    fn plain_line(&self, event: &Event) -> Option<String> {
        let prefix = |targets: &[String]| match targets {
            [] => String::new(),
            [one] => format!("{one}: "),
            [first, rest @ ..] => format!("{first} and {} more: ", rest.len()),
        };
        let line = match event {
            Event::ToolOutput { line, .. } => return Some(line.clone()),
            Event::Warning { text } => format!("warning: {text}"),
            Event::Note { text } => text.clone(),
            Event::StepStarted { targets, text, .. } => format!("{}{text}", prefix(targets)),
            Event::Command { command, .. } if self.verbose > 0 => format!("  {command}"),
            Event::StepFinished { targets, text, outcome: Outcome::Cached, .. } if self.verbose > 0 => {
                format!("{}{text}: nothing changed", prefix(targets))
            }
            Event::Units { targets, done, total, .. } if self.verbose > 0 => {
                format!("{}{done} of {total} units", prefix(targets))
            }
            Event::Command { .. } | Event::Units { .. } | Event::StepFinished { .. } => return None,
        };
        (!self.quiet).then_some(line)
    }

    /// The live lines are over: what follows is plain.
    pub fn end_live(&self) {
        if let Some(live) = self.live.lock().unwrap_or_else(PoisonError::into_inner).take() {
            live.end();
        }
    }

    /// A result for people.
    pub fn result(&self, text: &str) {
        self.end_live();
        if !self.is_json() {
            self.print_out(text);
        }
    }

    /// A result that `-q` leaves out.
    pub fn summary(&self, text: &str) {
        if !self.quiet {
            self.result(text);
        }
    }

    /// A result in a format of its own; for programs it is a string in an object.
    pub fn document(&self, text: &str) {
        self.end_live();
        if self.is_json() {
            self.object(&serde_json::json!({ "event": "document", "text": text }));
        } else {
            self.print_out(text);
        }
    }

    /// What a dry run would do, for a verb without a plan of steps.
    pub fn would(&self, text: &str) {
        self.result(text);
        self.object(&serde_json::json!({ "event": "would", "text": text }));
    }

    /// A result for programs: one object a line.
    pub fn object(&self, value: &impl Serialize) {
        if self.is_json()
            && let Ok(line) = serde_json::to_string(value)
        {
            self.print_out(&format!("{line}\n"));
        }
    }

    /// Narration.
    pub fn say(&self, text: &str) {
        if !self.quiet && !self.is_json() {
            narrate(text);
        }
    }

    /// An error, for the person who must act. Commands come last and on lines of their own:
    /// a wrapped command cannot be pasted.
    pub fn error(&self, error: &(dyn Diagnostic + 'static), commands: &[&str], exit_code: u8) {
        self.end_live();
        let mut text = String::new();
        let theme = if self.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(terminal_width())
            // A broken line would break the command that one is told to paste.
            .with_wrap_lines(false)
            .with_links(false);
        if handler.render_report(&mut text, error).is_err() {
            text = error.to_string();
        }
        if self.is_json() {
            self.object(&serde_json::json!({
                "event": "error",
                "message": error.to_string(),
                "exit_code": exit_code,
                "commands": commands,
                "text": console::strip_ansi_codes(&text),
            }));
        }
        narrate(text.trim_end());
        for command in commands {
            narrate(&format!("\nthe command was:\n{command}"));
        }
    }

    /// Whether every result was written; says why, where one was not.
    pub fn all_written(&self) -> bool {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(error) = &lost {
            self.end_live();
            narrate(&format!("error: cannot write to standard output: {error}"));
        }
        lost.is_none()
    }

    /// A reader that has gone (`| head`) is no error of ours; a disk that is full is.
    fn print_out(&self, text: &str) {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.lost.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            }
            _ => {}
        }
    }
}

fn terminal_width() -> usize {
    console::Term::stderr().size_checked().map_or(100, |(_, columns)| usize::from(columns).clamp(60, 120))
}

fn narrate(line: &str) {
    let _reader_may_be_gone = writeln!(io::stderr().lock(), "{line}");
}
