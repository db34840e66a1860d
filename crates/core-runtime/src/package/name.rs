//! Names of packages: what may be one, and what folder and commands follow from it.

use super::Error;

/// A name that npm would take, in its new or old rules: it is safe as a path below `node_modules`.
///
/// # Errors
///
/// [`Error::BadName`] with the reason.
pub fn check(name: &str) -> Result<(), Error> {
    match flaw(name) {
        None => Ok(()),
        Some(why) => Err(Error::BadName { name: name.to_owned(), why }),
    }
}

/// What is wrong with it, if anything.
#[must_use]
pub fn flaw(name: &str) -> Option<&'static str> {
    let (scope, rest) = match name.strip_prefix('@') {
        None => (None, name),
        Some(scoped) => match scoped.split_once('/') {
            None => return Some("a scope is followed by / and a name"),
            Some((scope, rest)) => (Some(scope), rest),
        },
    };
    scope
        .into_iter()
        .chain([rest])
        .find_map(flaw_of_part)
        .or((name.len() > 214).then_some("it has more than 214 bytes"))
}

fn flaw_of_part(part: &str) -> Option<&'static str> {
    let taken = |character: char| character.is_ascii_alphanumeric() || "-_.~!'()*".contains(character);
    if part.is_empty() {
        Some("a part of it is empty")
    } else if part.starts_with(['.', '_']) {
        Some("it begins with a dot or an underscore")
    } else if !part.chars().all(taken) {
        Some("it has a character that is none of letters, digits, - _ .")
    } else if part.eq_ignore_ascii_case("node_modules") {
        Some("it is the name of the folder of packages")
    } else {
        None
    }
}

/// The name without its scope: what a command is called that has no name of its own.
#[must_use]
pub fn without_scope(name: &str) -> &str {
    if name.starts_with('@') { name.split_once('/').map_or(name, |(_, rest)| rest) } else { name }
}

/// `name@version` as its parts; the `@` of a scope is none.
#[must_use]
pub fn split_version(word: &str) -> (&str, Option<&str>) {
    match word.char_indices().skip(1).find(|(_, character)| *character == '@') {
        Some((at, _)) => (&word[..at], Some(&word[at + 1..])),
        None => (word, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_with_and_without_scope() {
        for name in ["a", "left-pad", "@types/node", "JSONStream", "a.b_c", "@a-b/c~d"] {
            assert_eq!(flaw(name), None, "{name}");
        }
    }

    #[test]
    fn nothing_that_leaves_its_folder_is_a_name() {
        for name in [
            "",
            "@",
            "@a",
            "@/a",
            "@a/",
            "..",
            "../a",
            "@../a",
            "a/b",
            "a\\b",
            "@a/b/c",
            ".bin",
            "a b",
            "é",
            "node_modules",
            "a\0",
        ] {
            assert!(flaw(name).is_some(), "{name:?}");
        }
        assert!(flaw(&"a".repeat(215)).is_some());
    }

    #[test]
    fn versions_are_split_off() {
        assert_eq!(split_version("a@1.0.0"), ("a", Some("1.0.0")));
        assert_eq!(split_version("@a/b"), ("@a/b", None));
        assert_eq!(split_version("@a/b@latest"), ("@a/b", Some("latest")));
        assert_eq!(split_version(""), ("", None));
        assert_eq!(without_scope("@a/b"), "b");
        assert_eq!(without_scope("b"), "b");
    }
}
