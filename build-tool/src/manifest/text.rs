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
