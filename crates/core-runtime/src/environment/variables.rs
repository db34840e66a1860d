//! Environment variables as a value: what children get. The process's own are read once and never changed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Variables by name, in the names' order. On Windows, names that differ only in case are one name, and it is shown
/// as it was first written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<OsString, Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// As it was written, where that is not the key.
    written: Option<OsString>,
    value: OsString,
}

/// What names are compared by.
fn key(name: &OsStr) -> Cow<'_, OsStr> {
    if cfg!(windows) { Cow::Owned(name.to_ascii_uppercase()) } else { Cow::Borrowed(name) }
}

impl Variables {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        env::vars_os().collect()
    }

    /// The value; it may be empty.
    #[must_use]
    pub fn get(&self, name: impl AsRef<OsStr>) -> Option<&OsStr> {
        self.0.get::<OsStr>(&key(name.as_ref())).map(|entry| entry.value.as_os_str())
    }

    /// The value, where it is text and not empty.
    #[must_use]
    pub fn text(&self, name: impl AsRef<OsStr>) -> Option<&str> {
        self.get(name)?.to_str().filter(|text| !text.is_empty())
    }

    /// Whether there is one of this name, even an empty one.
    #[must_use]
    pub fn contains(&self, name: impl AsRef<OsStr>) -> bool {
        self.get(name).is_some()
    }

    /// Sets one, in place of what it was.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        let (name, value) = (name.into(), value.into());
        if !cfg!(windows) {
            self.0.insert(name, Entry { written: None, value });
            return;
        }
        let key = key(&name).into_owned();
        let first = self.0.get(&key).and_then(|entry| entry.written.clone());
        let written = first.or_else(|| (name != key).then_some(name));
        self.0.insert(key, Entry { written, value });
    }

    /// Takes one away.
    pub fn remove(&mut self, name: impl AsRef<OsStr>) {
        self.0.remove::<OsStr>(&key(name.as_ref()));
    }

    /// All of them: name, value.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.0.iter().map(|(key, entry)| (entry.written.as_ref().unwrap_or(key).as_os_str(), entry.value.as_os_str()))
    }

    /// All of them, taken apart.
    pub fn into_pairs(self) -> impl Iterator<Item = (OsString, OsString)> {
        self.0.into_iter().map(|(key, entry)| (entry.written.unwrap_or(key), entry.value))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The folders of PATH, in their order.
    #[must_use]
    pub fn path(&self) -> Vec<PathBuf> {
        self.get("PATH").map(|path| env::split_paths(path).collect()).unwrap_or_default()
    }

    /// The same, with these folders before all others on PATH. A folder whose name cannot stand there (it has a `:`;
    /// a `"` on Windows) is left out: half of its name could be somebody else's folder.
    #[must_use]
    pub fn with_path_first(&self, folders: &[PathBuf]) -> Self {
        let mut variables = self.clone();
        let (fit, unfit): (Vec<_>, Vec<_>) =
            folders.iter().cloned().chain(self.path()).partition(|folder| env::join_paths([folder]).is_ok());
        for folder in unfit {
            log::warn!("{} cannot be on PATH: its name has the separator in it", folder.display());
        }
        if let Ok(path) = env::join_paths(fit) {
            variables.set("PATH", path);
        }
        variables
    }
}

impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Variables {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(list: I) -> Self {
        let mut variables = Self::default();
        variables.extend(list);
        variables
    }
}

impl<N: Into<OsString>, V: Into<OsString>> Extend<(N, V)> for Variables {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, list: I) {
        for (name, value) in list {
            self.set(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_the_last_value_counts() {
        let mut variables: Variables = [("b", "1"), ("a", "2"), ("b", "3")].into_iter().collect();
        let all: Vec<_> =
            variables.iter().map(|(name, value)| (name.to_str().unwrap(), value.to_str().unwrap())).collect();
        assert_eq!(all, [("a", "2"), ("b", "3")]);
        variables.remove("a");
        assert_eq!((variables.len(), variables.contains("a"), variables.text("b")), (1, false, Some("3")));
    }

    #[test]
    fn only_windows_has_names_without_case() {
        let variables: Variables = [("Path", "1"), ("PATH", "2")].into_iter().collect();
        let all: Vec<_> = variables.iter().map(|(name, _)| name.to_str().unwrap()).collect();
        if cfg!(windows) {
            assert_eq!(all, ["Path"]);
            assert_eq!(variables.get("path").unwrap(), "2");
        } else {
            assert_eq!(all, ["PATH", "Path"]);
            assert_eq!(variables.get("path"), None);
        }
    }

    #[cfg(unix)]
    #[test]
    fn folders_come_first_on_path_unless_their_names_cannot_stand_there() {
        let variables: Variables = [("PATH", "/usr/bin:/bin")].into_iter().collect();
        let first = variables.with_path_first(&["/a".into(), "/b:c".into()]);
        assert_eq!(first.get("PATH").unwrap(), "/a:/usr/bin:/bin");
        assert_eq!(variables.get("PATH").unwrap(), "/usr/bin:/bin");
        assert_eq!(Variables::default().with_path_first(&["/a".into()]).path(), [PathBuf::from("/a")]);
    }
}
