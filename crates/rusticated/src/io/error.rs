//! The error of all input and output: the system's number, or a kind with a text.
use alloc::boxed::Box;
use core::error::Error as Cause;
use core::fmt;

use super::ErrorKind;
use crate::backend;

/// What most functions of this crate give.
pub type Result<T> = core::result::Result<T, Error>;

/// Why something could not be done; shows as std's does.
pub struct Error(Form);

enum Form {
    Os(i32),
    Kind(ErrorKind),
    Message(ErrorKind, &'static str),
    Custom(Box<Custom>),
}

#[derive(Debug)]
struct Custom {
    kind: ErrorKind,
    error: Box<dyn Cause + Send + Sync>,
}

impl Error {
    /// An error with a cause of one's own.
    pub fn new(kind: ErrorKind, error: impl Into<Box<dyn Cause + Send + Sync>>) -> Self {
        Self(Form::Custom(Box::new(Custom { kind, error: error.into() })))
    }

    /// An error of the kind [`ErrorKind::Other`].
    pub fn other(error: impl Into<Box<dyn Cause + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Other, error)
    }

    /// An error with a fixed text, which costs no memory.
    pub const fn message(kind: ErrorKind, text: &'static str) -> Self {
        Self(Form::Message(kind, text))
    }

    /// The system's error of that number: errno, or what `GetLastError` says.
    pub const fn from_raw_os_error(code: i32) -> Self {
        Self(Form::Os(code))
    }

    /// The system's number, if it is the system's error.
    pub fn raw_os_error(&self) -> Option<i32> {
        match self.0 {
            Form::Os(code) => Some(code),
            _ => None,
        }
    }

    /// The same error once more. A cause of one's own is not copied, only its kind.
    pub(crate) fn again(&self) -> Self {
        Self(match &self.0 {
            Form::Os(code) => Form::Os(*code),
            Form::Kind(kind) => Form::Kind(*kind),
            Form::Message(kind, text) => Form::Message(*kind, text),
            Form::Custom(custom) => Form::Kind(custom.kind),
        })
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        match &self.0 {
            Form::Os(code) => backend::error::kind(*code),
            Form::Kind(kind) | Form::Message(kind, _) => *kind,
            Form::Custom(custom) => custom.kind,
        }
    }

    /// The cause that it was made with.
    pub fn get_ref(&self) -> Option<&(dyn Cause + Send + Sync + 'static)> {
        match &self.0 {
            Form::Custom(custom) => Some(&*custom.error),
            _ => None,
        }
    }

    /// The cause that it was made with, taken out.
    pub fn into_inner(self) -> Option<Box<dyn Cause + Send + Sync>> {
        match self.0 {
            Form::Custom(custom) => Some(custom.error),
            _ => None,
        }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self(Form::Kind(kind))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Os(code) => {
                backend::error::describe(*code, f)?;
                // What is never negative is shown as a number that is shown elsewhere, too: it costs no more code.
                #[cfg(unix)]
                let code = code.cast_unsigned();
                write!(f, " (os error {code})")
            }
            Form::Kind(kind) => f.write_str(kind.text()),
            Form::Message(_, text) => f.write_str(text),
            Form::Custom(custom) => custom.error.fmt(f),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Os(code) => f
                .debug_struct("Os")
                .field("code", code)
                .field("kind", &self.kind())
                .field("message", &Description(*code))
                .finish(),
            Form::Kind(kind) => f.debug_tuple("Kind").field(kind).finish(),
            Form::Message(kind, message) => {
                f.debug_struct("Error").field("kind", kind).field("message", message).finish()
            }
            Form::Custom(custom) => custom.fmt(f),
        }
    }
}

/// The system's text for a number.
struct Description(i32);

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        backend::error::describe(self.0, f)
    }
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"") // the systems' texts hold nothing that would be escaped
    }
}

impl Cause for Error {
    fn source(&self) -> Option<&(dyn Cause + 'static)> {
        match &self.0 {
            Form::Custom(custom) => custom.error.source(),
            _ => None,
        }
    }
}
