//! What can be wrong with a `.env` file. Files like this have secrets, so no message shows a value.

use std::io;
use std::path::{Path, PathBuf};

use miette::{Diagnostic, NamedSource, SourceSpan};

use super::read::{LIMIT, Refusal};
use super::{expand, parse};

/// What is wrong with a `.env` file.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum Error {
    /// `--env-file` names no file
    #[error("there is no {}", path.display())]
    #[diagnostic(help("--env-file takes a file that exists; relative paths begin in the folder that --cwd names"))]
    Missing {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It cannot be read
    #[error("cannot read {}", path.display())]
    #[diagnostic(help("make it readable, or go without it: --no-env-file"))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A folder, a named pipe, a device
    #[error("{} is {kind}, where a file with variables should be", path.display())]
    #[diagnostic(help("move it away, or go without it: --no-env-file"))]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What is there.
        kind: &'static str,
    },
    /// More than any system would hand to a program
    #[error("{} is longer than {} MiB", path.display(), LIMIT >> 20)]
    #[diagnostic(help("is it really a file with variables? Go without it: --no-env-file"))]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// Something in it cannot be meant
    #[error(transparent)]
    #[diagnostic(transparent)]
    Malformed(Box<Malformed>),
}

/// A place in a `.env` file, and what is wrong there.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{}:{line}:{column}: {what}", path.display())]
#[diagnostic(help("{what_to_do}"))]
pub struct Malformed {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    what: String,
    what_to_do: &'static str,
    #[source_code]
    shown: Option<NamedSource<String>>,
    #[label("here")]
    at: Option<SourceSpan>,
}

/// The longest beginning of a line that is shown, in characters.
const SHOWN: usize = 200;

impl Error {
    pub(super) fn of_refusal(path: &Path, refusal: Refusal) -> Self {
        let path = path.to_owned();
        match refusal {
            Refusal::NotAFile(kind) => Self::NotAFile { path, kind },
            Refusal::TooLong => Self::TooLong { path },
            Refusal::Io(source) if source.kind() == io::ErrorKind::NotFound => Self::Missing { path, source },
            Refusal::Io(source) => Self::Unreadable { path, source },
        }
    }

    pub(super) fn of_mistake(path: &Path, text: &[u8], at: usize, mistake: parse::Mistake) -> Self {
        let (what, what_to_do) = match mistake {
            parse::Mistake::Nul if text.starts_with(b"\xFF\xFE") || text.starts_with(b"\xFE\xFF") => {
                ("this is UTF-16".to_owned(), "save it as UTF-8")
            }
            parse::Mistake::Nul => {
                ("there is a NUL byte".to_owned(), "no variable can hold one: remove it, or is the file not text?")
            }
            parse::Mistake::Unclosed(quote) => (
                format!("the quote `{}` has no end", char::from(quote)),
                "close it: nothing but a comment may follow on its line. A value that is to begin with a quote goes \
                 between quotes of another kind",
            ),
        };
        Self::malformed(path, text, at, what, what_to_do)
    }

    pub(super) fn of_expansion(
        path: &Path,
        text: &[u8],
        entries: &[parse::Entry<'_>],
        mistake: expand::Mistake,
    ) -> Self {
        let (entry, what, what_to_do) = match mistake {
            expand::Mistake::TooDeep(entry) => {
                (entry, "refers to values within values, too many of them", "say it with fewer variables in between")
            }
            expand::Mistake::TooLong(entry) => {
                (entry, "makes the values of this file longer than 16 MiB", "refer to fewer values, or shorter ones")
            }
        };
        let Some(entry) = entries.get(entry) else { return Self::TooLong { path: path.to_owned() } };
        Self::malformed(path, text, entry.at.start, format!("{} {what}", entry.name), what_to_do)
    }

    #[cfg_attr(unix, allow(dead_code, reason = "on Unix a value may be any bytes"))]
    pub(super) fn of_bytes(path: &Path, text: &[u8], entry: &parse::Entry<'_>) -> Self {
        let what = format!("the value of {} is not Unicode", entry.name);
        Self::malformed(path, text, entry.at.start, what, "save the file as UTF-8: Windows knows no other variables")
    }

    fn malformed(path: &Path, text: &[u8], at: usize, what: String, what_to_do: &'static str) -> Self {
        let place = Place::of(text, at);
        // As many empty lines as stand before it, since only the number counts.
        let shown = place.before.as_ref().map(|before| "\n".repeat(place.line - 1) + before + "…");
        let at =
            place.before.as_ref().map(|before| SourceSpan::new((place.line - 1 + before.len()).into(), '…'.len_utf8()));
        Self::Malformed(Box::new(Malformed {
            path: path.to_owned(),
            line: place.line,
            column: place.column,
            what,
            what_to_do,
            shown: shown.map(|shown| NamedSource::new(path.to_string_lossy(), shown)),
            at,
        }))
    }
}

/// A place in a text.
struct Place {
    line: usize,
    column: usize,
    /// What stands before it on its line, a value in it made unreadable; nothing where that is long.
    before: Option<String>,
}

impl Place {
    fn of(text: &[u8], at: usize) -> Self {
        let before = &text[..at];
        // A line ends with CR LF, with LF, or with CR.
        let ends = |at: usize| before[at] == b'\n' || (before[at] == b'\r' && before.get(at + 1) != Some(&b'\n'));
        let line = 1 + (0..before.len()).filter(|at| ends(*at)).count();
        let start = (0..before.len()).rev().find(|at| ends(*at)).map_or(0, |at| at + 1);
        let own = String::from_utf8_lossy(&before[start..]);
        let own = own.trim_start_matches('\u{FEFF}');
        let column = own.chars().count() + 1;
        let value = own.find(['=', ':']).map_or(if is_name(own) { own.len() } else { 0 }, |separator| separator + 1);
        let masked = || {
            let hide = |letter: char| if letter.is_whitespace() || letter.is_control() { ' ' } else { '*' };
            own[..value].chars().chain(own[value..].chars().map(hide)).collect()
        };
        Self { line, column, before: (column <= SHOWN).then(masked) }
    }
}

/// Whether it can be the beginning of a line with a variable, so that nothing of it is secret.
fn is_name(text: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_alphanumeric() || " \t_.-".contains(letter))
}
