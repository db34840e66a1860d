//! Changes to a package.json that leave everything else as its author wrote it: indentation,
//! line ends, order, comments, the byte order mark.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jsonc_parser::cst::{CstArray, CstContainerNode, CstInputValue, CstNode, CstObject, CstObjectProp, CstRootNode};

use super::document::{SYNTAX, Value};
use super::key::{Key, Step};
use super::{Error, PackageJson};

const MARK: char = '\u{feff}';

/// A package.json that is being changed; the file changes with [`Edit::save`].
#[derive(Debug)]
pub struct Edit {
    path: PathBuf,
    marked: bool,
    root: CstRootNode,
}

impl Edit {
    /// Begins with what was read.
    ///
    /// # Panics
    ///
    /// Never: what was read once parses again.
    #[must_use]
    pub fn of(package: &PackageJson) -> Self {
        let text = package.text();
        let plain = text.trim_start_matches(MARK);
        let root = CstRootNode::parse(plain, &SYNTAX).expect("it was read with the same rules");
        Self { path: package.path().to_owned(), marked: plain.len() < text.len(), root }
    }

    /// Sets a value; objects and lists on the way are made where they are missing.
    ///
    /// # Errors
    ///
    /// The way leads through something that holds no values, or past the end of a list.
    pub fn set(&mut self, key: &Key, value: &Value) -> Result<(), Error> {
        let mut place = Place::Object(self.root.object_value_or_set());
        let (last, way) = key.steps().split_last().expect("a key has a step");
        for (index, step) in way.iter().enumerate() {
            let list = !matches!(key.steps()[index + 1], Step::Name(_));
            place = place.enter(step, list).map_err(|(further, why)| no_way(key, index + further, why))?;
        }
        place.set(last, input(value)).map_err(|why| no_way(key, way.len(), why))
    }

    /// Takes a value out; says whether it was there.
    pub fn delete(&mut self, key: &Key) -> bool {
        let (last, way) = key.steps().split_last().expect("a key has a step");
        let Some(object) = self.root.object_value() else { return false };
        let place = way.iter().try_fold(Place::Object(object), |place, step| Place::of(place.value(step)?));
        match (place, last) {
            (Some(Place::Object(object)), Step::Name(name)) => {
                // Every entry of the name: the one before would otherwise count from now on.
                let all: Vec<_> = entries(&object, name).collect();
                let found = !all.is_empty();
                all.into_iter().for_each(CstObjectProp::remove);
                found
            }
            (Some(Place::Array(array)), Step::Index(index)) => {
                array.elements().into_iter().nth(*index).map(CstNode::remove).is_some()
            }
            _ => false,
        }
    }

    /// The text as it is now.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", if self.marked { MARK.to_string() } else { String::new() }, self.root)
    }

    /// Writes the file: all of it or nothing, with the rights that it had.
    ///
    /// # Errors
    ///
    /// Its folder takes no file.
    pub fn save(&self) -> Result<(), Error> {
        replace(&self.path, self.text().as_bytes()).map_err(|source| Error::Write { path: self.path.clone(), source })
    }
}

/// What can hold values.
enum Place {
    Object(CstObject),
    Array(CstArray),
}

impl Place {
    fn of(node: CstNode) -> Option<Self> {
        match node {
            CstNode::Container(CstContainerNode::Object(object)) => Some(Self::Object(object)),
            CstNode::Container(CstContainerNode::Array(array)) => Some(Self::Array(array)),
            _ => None,
        }
    }

    fn value(&self, step: &Step) -> Option<CstNode> {
        match (self, step) {
            (Self::Object(object), Step::Name(name)) => entries(object, name).last()?.value(),
            (Self::Array(array), Step::Index(index)) => array.elements().into_iter().nth(*index),
            _ => None,
        }
    }

    /// What holds values at `step`, made where nothing is there. What stops it is at the place itself, or one step further.
    fn enter(self, step: &Step, list: bool) -> Result<Self, (usize, &'static str)> {
        if let Some(node) = self.value(step) {
            return Self::of(node).ok_or((1, "holds no values"));
        }
        let empty = if list { CstInputValue::Array(Vec::new()) } else { CstInputValue::Object(Vec::new()) };
        let made = match (self, step) {
            (Self::Object(object), Step::Name(name)) => object.append(name, empty).value(),
            (Self::Array(array), Step::End) => Some(array.append(empty)),
            (Self::Array(array), Step::Index(index)) if *index == array.elements().len() => Some(array.append(empty)),
            (place, _) => return Err((0, place.refusal())),
        };
        Ok(made.and_then(Self::of).expect("it was made to hold values"))
    }

    fn set(self, step: &Step, value: CstInputValue) -> Result<(), &'static str> {
        match (self, step) {
            (Self::Object(object), Step::Name(name)) => match entries(&object, name).last() {
                Some(entry) => entry.set_value(value),
                None => drop(object.append(name, value)),
            },
            (Self::Array(array), Step::End) => drop(array.append(value)),
            (Self::Array(array), Step::Index(index)) => {
                let elements = array.elements();
                if *index > elements.len() {
                    return Err("is shorter than that");
                }
                array.insert(*index, value);
                if let Some(old) = elements.into_iter().nth(*index) {
                    old.remove();
                }
            }
            (place, _) => return Err(place.refusal()),
        }
        Ok(())
    }

    fn refusal(&self) -> &'static str {
        match self {
            Self::Object(_) => "is an object: a name must follow, not [number]",
            Self::Array(_) => "is a list: [number] within it, or [] for its end, must follow",
        }
    }
}

/// The entries of a name in an object: more than one where its author repeated it.
fn entries(object: &CstObject, name: &str) -> impl Iterator<Item = CstObjectProp> {
    object.properties().into_iter().filter(move |entry| entry.decoded_name().as_deref() == Some(name))
}

fn no_way(key: &Key, steps: usize, why: &'static str) -> Error {
    Error::NoWay { key: key.to_string(), at: key.before(steps), why }
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(digits) => CstInputValue::Number(digits.clone()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(elements) => CstInputValue::Array(elements.iter().map(|node| input(&node.value)).collect()),
        Value::Object(members) => CstInputValue::Object(
            members.iter().map(|member| (member.name.clone(), input(&member.value.value))).collect(),
        ),
    }
}

/// Puts `bytes` in the place of the file: who reads it sees the old content or the new.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // A link stays a link: its target is what changes.
    let path = std::fs::canonicalize(path)?;
    let meta = std::fs::metadata(&path)?;
    if meta.permissions().readonly() {
        return Err(std::io::ErrorKind::PermissionDenied.into());
    }
    let mut new = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    new.write_all(bytes)?;
    new.as_file().set_permissions(meta.permissions())?;
    new.as_file().sync_all()?;
    new.persist(&path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::document;

    fn edited(text: &str, change: impl FnOnce(&mut Edit)) -> String {
        let package = PackageJson::parse(Path::new("package.json"), text.into()).unwrap();
        let mut edit = Edit::of(&package);
        change(&mut edit);
        edit.text()
    }

    fn set(text: &str, key: &str, value: &str) -> String {
        edited(text, |edit| {
            edit.set(&Key::parse(key).unwrap(), &document::parse(value).unwrap().value).unwrap();
        })
    }

    fn delete(text: &str, key: &str) -> String {
        edited(text, |edit| assert!(edit.delete(&Key::parse(key).unwrap()), "{key} is not there"))
    }

    #[test]
    fn no_change_changes_no_byte() {
        for text in ["\u{feff}{ \"a\":1 ,\r\n\t\"b\" : [ ] }\r\n\r\n", "{}", "// c\n{\"a\": 1,}"] {
            assert_eq!(edited(text, |_| {}), text);
        }
    }

    #[test]
    fn a_value_is_set_in_its_place_and_nothing_else_moves() {
        let text = "{\r\n\t\"version\": \"1.0.0\", // the version\r\n\t\"b\" : 2\r\n}\r\n";
        assert_eq!(set(text, "version", "\"1.0.1\""), text.replace("1.0.0", "1.0.1"));
    }

    #[test]
    fn what_is_missing_on_the_way_is_made_in_the_files_own_indentation() {
        assert_eq!(
            set("{\n    \"a\": 1\n}\n", "scripts.build", "\"make\""),
            "{\n    \"a\": 1,\n    \"scripts\": {\n        \"build\": \"make\"\n    }\n}\n"
        );
        assert_eq!(set("{}", "files[]", "\"a\""), "{\n  \"files\": [\"a\"]\n}");
    }

    #[test]
    fn lists_are_changed_by_number_and_grow_at_their_end() {
        assert_eq!(set("{\"a\": [1, 2, 3]}", "a[1]", "9"), "{\"a\": [1, 9, 3]}");
        assert_eq!(set("{\"a\": [1]}", "a[1]", "2"), "{\"a\": [1, 2]}");
        assert_eq!(delete("{\"a\": [1, 2, 3]}", "a[1]"), "{\"a\": [1, 3]}");
    }

    #[test]
    fn an_entry_goes_with_its_line() {
        let text = "{\n  \"a\": 1,\n  \"b\": 2\n}\n";
        assert_eq!(delete(text, "b"), "{\n  \"a\": 1\n}\n");
        assert_eq!(delete(text, "a"), "{\n  \"b\": 2\n}\n");
    }

    #[test]
    fn a_name_that_comes_twice_is_changed_where_it_counts_and_goes_as_a_whole() {
        assert_eq!(set("{\"a\": 1, \"a\": 2}", "a", "3"), "{\"a\": 1, \"a\": 3}");
        assert!(!delete("{\"a\": 1, \"a\": 2, \"b\": 3}", "a").contains("\"a\""));
    }

    #[test]
    fn what_holds_no_values_is_not_overwritten() {
        for (text, key) in
            [("{\"a\": \"x\"}", "a.b"), ("{\"a\": []}", "a.b"), ("{\"a\": {}}", "a[0]"), ("{\"a\": [1]}", "a[2]")]
        {
            assert_eq!(
                edited(text, |edit| {
                    let result = edit.set(&Key::parse(key).unwrap(), &Value::Null);
                    assert!(matches!(result, Err(Error::NoWay { .. })), "{key}");
                }),
                text
            );
        }
        assert_eq!(edited("{}", |edit| assert!(!edit.delete(&Key::parse("a[0]").unwrap()))), "{}");
    }

    #[cfg(unix)]
    #[test]
    fn rights_and_links_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.json"), folder.path().join("package.json"));
        std::fs::write(&real, "{}").unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("real.json", &link).unwrap();
        let mut edit = Edit::of(&PackageJson::read(&link).unwrap());
        edit.set(&Key::parse("a").unwrap(), &Value::Bool(true)).unwrap();
        edit.save().unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "{\n  \"a\": true\n}");
        assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    }
}
