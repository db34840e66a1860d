//! Each thing that can be wrong with a manifest: its message, the words beside
//! the caret, and the advice with the alternatives.
use std::fmt;

use located::{Label, ReadError};
use miette::Diagnostic;
use thiserror::Error;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text is not TOML.
    #[error("this is not valid TOML: {message}")]
    Syntax {
        /// The parser's words.
        message: String,
    },
    /// The file or folder is not read.
    #[error(transparent)]
    Unread(ReadError),
    /// No `schema` key.
    #[error("this {table} does not say its schema number")]
    MissingSchema {
        /// What kind of manifest it is.
        table: &'static str,
    },
    /// A schema number that this version does not know.
    #[error("schema {found} is not supported by this version of build-tool, only schema {supported}")]
    UnsupportedSchema {
        /// The number written.
        found: String,
        /// The number known.
        supported: i64,
    },
    /// A key that nobody reads.
    #[error("unknown key `{key}` in a {table}")]
    UnknownKey {
        /// The key with its parents, dotted.
        key: String,
        /// What kind of table it is in.
        table: &'static str,
        /// The known key that it resembles.
        nearest: Option<String>,
        /// Every known key of the table.
        known: Vec<String>,
    },
    /// A key that has to be there is not.
    #[error("`{key}` is missing in this {table}")]
    MissingKey {
        /// The key with its parents, dotted.
        key: String,
        /// What kind of table lacks it.
        table: &'static str,
        /// A value that would do.
        sample: &'static str,
    },
    /// A value of the wrong TOML type.
    #[error("`{key}` has to be {expected}, not {found}")]
    WrongType {
        /// The key with its parents, dotted.
        key: String,
        /// What is allowed.
        expected: String,
        /// The type that is there.
        found: String,
    },
    /// A value of the right type that is not among those allowed.
    #[error("`{key}` cannot be {found}")]
    NotAllowed {
        /// The key with its parents, dotted.
        key: String,
        /// The value written.
        found: String,
        /// What is allowed, as one would write it.
        allowed: Vec<String>,
        /// The allowed value that it resembles.
        nearest: Option<String>,
    },
    /// A value that breaks a rule of its own.
    #[error("`{key}` {problem}")]
    Invalid {
        /// The key with its parents, dotted.
        key: String,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        advice: String,
    },
    /// A target manifest whose file is called otherwise than its triple.
    #[error("this manifest is for `{triple}`, but its file is called `{stem}.toml`")]
    MisnamedTarget {
        /// What it says.
        triple: String,
        /// The file's stem.
        stem: String,
    },
    /// A profile that inherits from one that is not there.
    #[error("there is no profile `{parent}` in this folder to inherit from")]
    UnknownParent {
        /// The name written.
        parent: String,
        /// The profile that it resembles.
        nearest: Option<String>,
        /// The profiles that are there.
        known: Vec<String>,
    },
    /// Profiles that inherit from each other in a circle.
    #[error("profiles inherit in a circle: {}", .chain.join(" → "))]
    Cycle {
        /// The profiles; the last is the first.
        chain: Vec<String>,
    },
    /// A `${NAME}` whose variable is not set.
    #[error("the environment variable `{name}` is not set")]
    UnsetVariable {
        /// The variable.
        name: String,
    },
    /// A `${` that does not begin a variable.
    #[error("`${{` in `{key}` does not begin a variable: {problem}")]
    BadVariable {
        /// The key with its parents, dotted.
        key: String,
        /// What is wrong.
        problem: &'static str,
    },
}

impl Label for ErrorKind {
    fn label(&self) -> String {
        match self {
            Self::Syntax { .. } => "here".into(),
            Self::Unread(error) => error.label(),
            Self::MissingSchema { .. } => "`schema = 1` belongs here".into(),
            Self::UnsupportedSchema { .. } => "not supported".into(),
            Self::UnknownKey { .. } => "unknown key".into(),
            Self::MissingKey { key, .. } => format!("`{key}` is missing"),
            Self::WrongType { expected, .. } => format!("has to be {expected}"),
            Self::NotAllowed { .. } | Self::Invalid { .. } => "not allowed".into(),
            Self::MisnamedTarget { stem, .. } => format!("the file says `{stem}`"),
            Self::UnknownParent { .. } => "no such profile".into(),
            Self::Cycle { .. } => "closes the circle".into(),
            Self::UnsetVariable { .. } => "not set".into(),
            Self::BadVariable { .. } => "here".into(),
        }
    }
}

impl ErrorKind {
    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::Syntax { .. } | Self::WrongType { .. } => return None,
            Self::Unread(ReadError::TooLarge { .. }) => NOT_OURS.into(),
            Self::Unread(error) => return error.help().map(|help| help.to_string()),
            Self::MissingSchema { .. } => {
                format!("write `schema = 1` as the first line; {NOT_OURS}")
            }
            Self::UnsupportedSchema { supported, .. } => {
                format!("write `schema = {supported}`, or use a newer build-tool")
            }
            Self::UnknownKey { nearest, known, .. } => suggestion(nearest, "known keys", known),
            Self::MissingKey { key, sample, .. } => format!("for example: {key} = {sample}"),
            Self::NotAllowed { nearest, allowed, .. } => suggestion(nearest, "allowed", allowed),
            Self::Invalid { advice, .. } => advice.clone(),
            Self::MisnamedTarget { triple, stem } => {
                format!("rename the file to `{triple}.toml`, or write triple = \"{stem}\"")
            }
            Self::UnknownParent { nearest, known, .. } => suggestion(nearest, "profiles", known),
            Self::Cycle { .. } => "take `inherits` out of one of them".into(),
            Self::UnsetVariable { name } => {
                format!("set it: export {name}=…; for a literal `${{` write `$${{`")
            }
            Self::BadVariable { .. } => "a variable is written `${NAME}`; for a literal `${` write `$${`".into(),
        })
    }
}

/// How to keep a folder of the same name for oneself.
const NOT_OURS: &str = "if this folder is not for build-tool, name another one under \
    [workspace.metadata.build-tool] in Cargo.toml: `profiles = \"…\"` or `packaging = \"…\"`";

fn suggestion(nearest: &Option<String>, what: &str, list: &[String]) -> String {
    let list = match list {
        [] => format!("{what}: none"),
        list => format!("{what}: {}", list.join(", ")),
    };
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`? {list}"),
        None => list,
    }
}

impl Diagnostic for ErrorKind {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.advice().map(|advice| Box::new(advice) as _)
    }
}
