//! The only place that prints: what was asked for goes to standard output, what is said about it to standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use miette::{GraphicalReportHandler, GraphicalTheme};

use crate::environment::{EnvironmentVariables, Variables};
use crate::error::Error;

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Nothing but results and errors.
    pub silent: bool,
    /// More than the usual.
    pub verbose: bool,
}

impl Report {
    /// Prints a line that was asked for.
    ///
    /// # Errors
    ///
    /// Where standard output takes nothing more. That its reader has gone is no error: it has what it wanted.
    pub fn result(self, line: impl Display) -> io::Result<()> {
        heard(writeln!(io::stdout().lock(), "{line}"))
    }

    /// Says what is being done, unless silence was asked for. That standard error is closed must not stop the work.
    pub fn note(self, line: impl Display) {
        if !self.silent {
            let _ = writeln!(io::stderr().lock(), "{line}");
        }
    }

    /// Whether somebody sits there who can be asked.
    #[must_use]
    pub fn can_ask() -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks until the answer can be meant: until `flaw` finds nothing. An empty answer is the default; none comes
    /// where the input has ended.
    #[must_use]
    pub fn ask(self, question: &str, default: &str, flaw: impl Fn(&str) -> Option<&'static str>) -> Option<String> {
        let mut to = io::stderr().lock();
        loop {
            write!(to, "{question} ({default}): ").and_then(|()| to.flush()).ok()?;
            let mut line = String::new();
            if io::stdin().read_line(&mut line).ok()? == 0 {
                return None;
            }
            let answer = Some(line.trim()).filter(|answer| !answer.is_empty()).unwrap_or(default);
            match flaw(answer) {
                None => return Some(answer.to_owned()),
                Some(why) => writeln!(to, "  {answer:?} cannot be it: {why}").ok()?,
            }
        }
    }

    /// Passes on a line that one of several programs said, with the name of which. Nobody waits for a reader that has gone.
    pub fn labelled(self, label: &str, line: &[u8]) {
        let whole = [label.as_bytes(), b": ", line, b"\n"].concat();
        let _ = io::stdout().lock().write_all(&whole);
    }

    /// Prints help, in colours where standard output is a terminal that wants them.
    ///
    /// # Errors
    ///
    /// As [`Self::result`].
    pub fn styled(self, text: &clap::builder::StyledStr) -> io::Result<()> {
        let text = if colors(&io::stdout()) { text.ansi().to_string() } else { text.to_string() };
        self.result(text.trim_end())
    }

    /// Says why the run ended, and what to do now.
    ///
    /// # Errors
    ///
    /// Where help was asked for and standard output takes it not.
    pub fn error(self, error: &Error) -> io::Result<()> {
        let mut err = io::stderr().lock();
        let colors = colors(&io::stderr());
        if let Error::Usage(error) = error {
            let text = error.render();
            if !error.use_stderr() {
                return self.styled(&text);
            }
            let _ = if colors { write!(err, "{}", text.ansi()) } else { write!(err, "{text}") };
            return Ok(());
        }
        let mut text = String::new();
        let theme = if colors { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        // A broken line would break a path or a command that somebody copies.
        let handler =
            GraphicalReportHandler::new_themed(theme).with_width(200).with_wrap_lines(false).with_links(false);
        if handler.render_report(&mut text, error).is_err() {
            text = error.to_string();
        }
        let _ = writeln!(err, "{}", text.trim_end());
        Ok(())
    }

    /// Says that this program itself is wrong.
    pub fn bug(self, what: impl Display) {
        let how = "this is a mistake in rust-bun: please report it, with what `rust-bun --version --verbose` prints";
        let _ = writeln!(io::stderr().lock(), "error: {what}\n{how}");
    }

    /// Says what was asked for beside the result, which standard output is left to.
    pub fn aside(self, text: impl Display) {
        let _ = write!(io::stderr().lock(), "{text}");
    }

    /// Says what may need somebody's attention.
    pub fn warn(self, line: impl Display) {
        let _ = writeln!(io::stderr().lock(), "warning: {line}");
    }
}

/// Whether to write in colours there (no-color.org, force-color.org).
fn colors(to: &impl IsTerminal) -> bool {
    let wishes = EnvironmentVariables::of(&Variables::of_process());
    !wishes.no_color && (wishes.force_color || to.is_terminal())
}

fn heard(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
