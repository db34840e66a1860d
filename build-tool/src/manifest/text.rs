//! Texts with a rule of their own: names, paths, globs, and those that may hold
//! a `${NAME}`.
use std::fmt;
use std::ops::Deref;

use serde::Serialize;

use super::field::FromToml;
use super::reader::{Node, Reader};
use super::values::schema;

/// Declares a text newtype: `expanded` replaces its `${NAME}`, then `rule` says
/// what is wrong with it, and what to do.
macro_rules! text {
    ($(#[$meta:meta])+ $name:ident, $read:ident, $rule:expr, $schema:tt $(, $extra:item)?) => {
        $(#[$meta])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Deref for $name {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        schema!($name, $schema);

        impl FromToml for $name {
            $($extra)?
            fn from_toml(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                let text = reader.$read(node)?.to_owned();
                let rule: fn(&str) -> Result<(), (String, String)> = $rule;
                match rule(&text) {
                    Ok(()) => Some(Self(text)),
                    Err((problem, advice)) => reader.invalid(node, problem, advice),
                }
            }
        }
    };
}

text!(
    /// A text whose `${NAME}` are replaced.
    Expanded,
    expanded,
    |_| Ok(()),
    { "type": "string" },
    // The only tables of such texts with keys of the user's choice are `env`.
    fn name_problem(name: &str) -> Option<(&'static str, &'static str)> {
        let wrong = name.is_empty() || name.contains(['=', '\0']);
        wrong.then_some((
            "cannot be the name of an environment variable",
            "a name is not empty and holds no `=`",
        ))
    }
);

text!(
    /// A word that becomes part of file names: of an app, a triple or a group.
    Name,
    string,
    |text| {
        let starts_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        let allowed = |char: char| char.is_ascii_alphanumeric() || "._+-".contains(char);
        if starts_well && text.chars().all(allowed) {
            return Ok(());
        }
        Err((
            format!("cannot be {text:?}, since it becomes part of file names"),
            "use ASCII letters, digits, `-`, `_`, `.` and `+`, and begin with a letter or digit"
                .to_owned(),
        ))
    },
    { "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._+-]*$" }
);

text!(
    /// The name of an environment variable: a secret is in the variable, never in a manifest.
    VariableName,
    string,
    |text| {
        let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if starts_well && text.chars().all(|char| char.is_ascii_alphanumeric() || char == '_') {
            return Ok(());
        }
        Err((
            "is not the name of an environment variable".to_owned(),
            "put the secret into a variable and write the variable's name here, such as \"CERTIFICATE_PASSWORD\"".to_owned(),
        ))
    },
    { "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" }
);

text!(
    /// A glob relative to the workspace's root, with `/` between folders.
    SourceGlob,
    expanded,
    |text| {
        stays_inside(text, "the workspace")?;
        match globset::GlobBuilder::new(text).literal_separator(true).build() {
            Ok(_) => Ok(()),
            Err(error) => Err((
                format!("is not a glob: {}", error.kind()),
                "`*` stands for a name, `**` for folders, `[*]` for a literal `*`".to_owned(),
            )),
        }
    },
    { "type": "string" }
);

text!(
    /// A file or, with `/` at its end, a folder inside an archive.
    ArchivePath,
    expanded,
    |text| stays_inside(text, "the archive"),
    { "type": "string" }
);

text!(
    /// A folder relative to the workspace's root.
    FolderPath,
    string,
    |text| stays_inside(text, "the workspace"),
    { "type": "string" }
);

text!(
    /// A text of one line that says something.
    Line,
    string,
    |text| match text {
        _ if text.trim().is_empty() => Err(("is empty".to_owned(), "write something, or leave it out".to_owned())),
        _ if text.contains(char::is_control) => {
            Err(("has to be one line".to_owned(), "leave line breaks and other control characters out".to_owned()))
        }
        _ => Ok(()),
    },
    { "type": "string", "minLength": 1 }
);

text!(
    /// A text of several lines.
    Paragraphs,
    string,
    |text| {
        if text.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\t')) {
            let advice = "leave control characters out; lines end with a line break alone".to_owned();
            return Err(("holds a control character".to_owned(), advice));
        }
        Ok(())
    },
    { "type": "string" }
);

text!(
    /// The name of a package, as Debian and Alpine allow it.
    PackageName,
    string,
    |text| {
        let starts_well = text.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
        let allowed = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "+-.".contains(char);
        if text.len() > 1 && starts_well && text.chars().all(allowed) {
            return Ok(());
        }
        Err((
            format!("cannot be {text:?}"),
            "use at least two lower-case letters, digits, `+`, `-` and `.`, and begin with a letter or digit".to_owned(),
        ))
    },
    { "type": "string", "pattern": "^[a-z0-9][a-z0-9+.-]+$" }
);

text!(
    /// The name of a file, without folders.
    FileName,
    string,
    |text| {
        let allowed = |char: char| char.is_ascii_alphanumeric() || "._+-@".contains(char);
        if !text.is_empty() && text != "." && text != ".." && text.chars().all(allowed) {
            return Ok(());
        }
        Err((
            format!("cannot be {text:?}"),
            "write a file's name without folders: ASCII letters, digits, `-`, `_`, `.`, `+` and `@`".to_owned(),
        ))
    },
    { "type": "string", "pattern": "^[A-Za-z0-9._+@-]+$" }
);

text!(
    /// The name of a user or group.
    AccountName,
    string,
    |text| {
        let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        let allowed = |char: char| char.is_ascii_alphanumeric() || "_-.".contains(char);
        if starts_well && text.len() <= 31 && text.chars().all(allowed) {
            return Ok(());
        }
        Err((
            format!("cannot be {text:?}"),
            "write the name of a user or group, such as \"root\"; numbers mean another account on each system".to_owned(),
        ))
    },
    { "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_.-]{0,30}$" }
);

text!(
    /// A GUID, in braces or without.
    Guid,
    string,
    |text| {
        let bare = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
        let lengths: Vec<usize> = bare.split('-').map(str::len).collect();
        if lengths == [8, 4, 4, 4, 12] && bare.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()) {
            return Ok(());
        }
        Err((
            format!("cannot be {text:?}"),
            "write a GUID such as \"01234567-89ab-cdef-0123-456789abcdef\"; `uuidgen` makes one".to_owned(),
        ))
    },
    { "type": "string", "pattern": "^\\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\\}?$" }
);

text!(
    /// Where a file goes in an archive or on a system: a folder ends with `/`, and what begins with one is a
    /// path on the system.
    Destination,
    expanded,
    |text| stays_inside(text.strip_prefix('/').filter(|rest| !rest.is_empty()).unwrap_or(text), "the system"),
    { "type": "string" }
);

text!(
    /// A folder on the user's system.
    InstallPath,
    string,
    |text| {
        let path = text.trim_matches('/');
        stays_inside(path, "the system")?;
        // What Windows forbids in names.
        if text.contains([':', '*', '?', '"', '<', '>', '|']) || text.contains(char::is_control) {
            let advice = "leave out : * ? \" < > | and control characters".to_owned();
            return Err((format!("cannot be {text:?}"), advice));
        }
        Ok(())
    },
    { "type": "string" }
);

fn stays_inside(text: &str, root: &str) -> Result<(), (String, String)> {
    let advice = || format!("write a path relative to the root of {root}, with `/` and no `..`");
    let drive = text.as_bytes().get(1) == Some(&b':');
    if text.is_empty() {
        Err(("is empty".to_owned(), advice()))
    } else if text.starts_with('/') || drive || text.split(['/', '\\']).any(|part| part == "..") {
        Err((format!("leads out of {root}"), advice()))
    } else if text.contains(['\\', '\0']) {
        Err((format!("cannot be {text:?}"), advice()))
    } else {
        Ok(())
    }
}
