//! One package.json: its entries as types. An entry is checked when it is asked for, so that a
//! script runs though an entry that nobody needed is odd.

use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::document::{self, Member, Node, Value};
use super::{Error, name};

/// A package.json that was read.
#[derive(Clone, Debug)]
pub struct PackageJson {
    path: PathBuf,
    text: Arc<str>,
    root: Node,
}

/// A text of package.json, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The entry's name
    pub name: &'a str,
    /// Its text
    pub text: &'a str,
    /// The value as it stands in the file, for errors
    pub node: &'a Node,
}

/// A command that a package has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bin {
    /// What the command is called
    pub name: String,
    /// The file, in the package's folder
    pub file: PathBuf,
}

/// The objects of package.json that name other packages.
pub const DEPENDENCIES: [&str; 4] = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

impl PackageJson {
    /// Reads the file at `path`.
    ///
    /// # Errors
    ///
    /// It is not there, cannot be read, or is not a JSON object.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::read_if_there(path)?
            .ok_or_else(|| Error::Read { path: path.to_owned(), source: ErrorKind::NotFound.into() })
    }

    /// Reads the file at `path`; `None` where there is no such file.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is not a JSON object.
    pub fn read_if_there(path: &Path) -> Result<Option<Self>, Error> {
        let unreadable = |source| Error::Read { path: path.to_owned(), source };
        match std::fs::metadata(path) {
            // What waits for a writer must not be opened at all.
            Ok(meta) if !meta.is_file() => {
                let what = if meta.is_dir() { "a folder" } else { "a device or a pipe" };
                return Err(Error::NotAFile { path: path.to_owned(), what });
            }
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return dangling(path).map_or(Ok(None), |error| Err(unreadable(error)));
            }
            Err(error) => return Err(unreadable(error)),
        }
        let bytes = std::fs::read(path).map_err(unreadable)?;
        Self::parse(path, bytes).map(Some)
    }

    /// Takes `bytes` as the content of the file at `path`.
    ///
    /// # Errors
    ///
    /// They are not UTF-8, not JSON, or not an object.
    pub fn parse(path: &Path, bytes: Vec<u8>) -> Result<Self, Error> {
        let text: Arc<str> = String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))?.into();
        let root = document::parse(&text).map_err(|error| {
            let what = format!("{} is not JSON: {}", path.display(), error.what);
            Error::located(path, &text, error.span, [what, "here".to_owned(), error.help])
        })?;
        let package = Self { path: path.to_owned(), text, root };
        if matches!(package.root.value, Value::Object(_)) {
            Ok(package)
        } else {
            Err(package.mistyped(&package.root, "package.json", "an object: { … }"))
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that the package is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// All of it.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The content as it was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its name, where it has one.
    ///
    /// # Errors
    ///
    /// It is not a text.
    pub fn name(&self) -> Result<Option<&str>, Error> {
        Ok(self.text_of("name")?.filter(|name| !name.is_empty()))
    }

    /// The name, for those who cannot do without; it is safe as a path.
    ///
    /// # Errors
    ///
    /// It has none, or one that cannot be a package's.
    pub fn checked_name(&self) -> Result<&str, Error> {
        match self.name()? {
            Some(name) => match (name::flaw(name), self.root.get("name")) {
                (Some(why), Some(node)) => Err(self.wrong(
                    node.span.clone(),
                    format!("{name:?} cannot be the name of a package: {why}"),
                    "this name",
                    "names look like left-pad or @scope/left-pad",
                )),
                _ => Ok(name),
            },
            None => Err(self.wrong(
                self.root.span.start..self.root.span.start + 1,
                format!("{} has no name", self.path.display()),
                "it begins here",
                "give it one: rust-bun pm pkg set name=my-package",
            )),
        }
    }

    /// Its version, where it has one.
    ///
    /// # Errors
    ///
    /// It is not a text.
    pub fn version(&self) -> Result<Option<&str>, Error> {
        self.text_of("version")
    }

    /// Its scripts, in the file's order.
    ///
    /// # Errors
    ///
    /// They are not an object of texts.
    pub fn scripts(&self) -> Result<Vec<Entry<'_>>, Error> {
        self.texts("scripts")
    }

    /// The line of a script.
    ///
    /// # Errors
    ///
    /// `scripts` is not an object, or this one is not a text.
    pub fn script(&self, name: &str) -> Result<Option<&str>, Error> {
        let Some(scripts) = self.root.get("scripts") else { return Ok(None) };
        if !matches!(scripts.value, Value::Object(_)) {
            return Err(self.mistyped(scripts, "scripts", "an object: {\"build\": \"…\"}"));
        }
        scripts.get(name).map(|node| self.text_in(node, &format!("scripts.{name}"))).transpose()
    }

    /// The patterns of `workspaces`, a list or an object with the list as `packages`.
    ///
    /// # Errors
    ///
    /// It is anything else.
    pub fn workspaces(&self) -> Result<Option<Vec<Entry<'_>>>, Error> {
        let Some(node) = self.root.get("workspaces") else { return Ok(None) };
        let list = if let Value::Object(_) = node.value { node.get("packages") } else { Some(node) };
        let Some(list) = list else { return Ok(Some(Vec::new())) };
        let Value::Array(patterns) = &list.value else {
            return Err(self.mistyped(list, "workspaces", "a list: [\"packages/*\"]"));
        };
        let entry = |node| Ok(Entry { name: "workspaces", text: self.text_in(node, "a pattern of workspaces")?, node });
        patterns.iter().map(entry).collect::<Result<_, _>>().map(Some)
    }

    /// The packages that one of [`DEPENDENCIES`] names.
    ///
    /// # Errors
    ///
    /// It is not an object of texts.
    pub fn dependencies(&self, kind: &str) -> Result<Vec<Entry<'_>>, Error> {
        self.texts(kind)
    }

    /// The commands that it has: `bin`, or the files of `directories.bin`.
    ///
    /// # Errors
    ///
    /// They are of another form, or one leads out of the package or has a name that is a path.
    pub fn bins(&self) -> Result<Vec<Bin>, Error> {
        match self.root.get("bin") {
            Some(node) => match &node.value {
                Value::String(file) => {
                    let name = name::without_scope(self.checked_name()?).to_owned();
                    Ok(vec![Bin { name, file: self.inside(node, file)? }])
                }
                Value::Object(members) => members.iter().map(|member| self.bin(member)).collect(),
                _ => Err(self.mistyped(node, "bin", "a file, or an object: {\"command\": \"file.js\"}")),
            },
            None => match self.root.get("directories").and_then(|directories| directories.get("bin")) {
                Some(node) => self.bins_of_folder(node),
                None => Ok(Vec::new()),
            },
        }
    }

    fn bin(&self, member: &Member) -> Result<Bin, Error> {
        let path = Path::new(&member.name);
        let plain = path.components().count() == 1 && matches!(path.components().next(), Some(Component::Normal(_)));
        if !plain || member.name.contains(['/', '\\', ':', '\0']) {
            return Err(self.wrong(
                member.name_span.clone(),
                format!("{:?} cannot be the name of a command", member.name),
                "this name is a path",
                "commands have plain names: {\"command\": \"file.js\"}",
            ));
        }
        let file = self.inside(&member.value, self.text_in(&member.value, &format!("bin.{}", member.name))?)?;
        Ok(Bin { name: member.name.clone(), file })
    }

    fn bins_of_folder(&self, node: &Node) -> Result<Vec<Bin>, Error> {
        let inner = self.inside(node, self.text_in(node, "directories.bin")?)?;
        let folder = self.folder().join(&inner);
        let unreadable = |source| Error::Read { path: folder.clone(), source };
        let mut bins = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            // A name that is not UTF-8 cannot stand in a package.json either.
            let Ok(name) = entry.file_name().into_string() else { continue };
            if !name.starts_with('.') && entry.path().is_file() {
                bins.push(Bin { file: inner.join(&name), name });
            }
        }
        bins.sort();
        Ok(bins)
    }

    /// A path of package.json, which must stay in the package.
    fn inside(&self, node: &Node, file: &str) -> Result<PathBuf, Error> {
        let stays = Path::new(file).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if stays && !file.is_empty() && !file.contains('\0') {
            return Ok(Path::new(file).components().filter(|part| *part != Component::CurDir).collect());
        }
        Err(self.wrong(
            node.span.clone(),
            format!("{file:?} is no file of this package"),
            "this path",
            "paths lead down from the package's own folder: ./bin/command.js",
        ))
    }

    fn text_of(&self, name: &str) -> Result<Option<&str>, Error> {
        self.root.get(name).map(|node| self.text_in(node, name)).transpose()
    }

    fn texts(&self, name: &str) -> Result<Vec<Entry<'_>>, Error> {
        let Some(node) = self.root.get(name) else { return Ok(Vec::new()) };
        let Value::Object(members) = &node.value else {
            return Err(self.mistyped(node, name, "an object: {\"name\": \"…\"}"));
        };
        let counts = |member: &&Member| node.get(&member.name).is_some_and(|last| std::ptr::eq(last, &member.value));
        members
            .iter()
            .filter(counts)
            .map(|member| {
                let text = self.text_in(&member.value, &format!("{name}.{}", member.name))?;
                Ok(Entry { name: &member.name, text, node: &member.value })
            })
            .collect()
    }

    fn text_in<'a>(&self, node: &'a Node, name: &str) -> Result<&'a str, Error> {
        node.as_str().ok_or_else(|| self.mistyped(node, name, "a text: \"…\""))
    }

    fn mistyped(&self, node: &Node, name: &str, right: &str) -> Error {
        let what = format!("{name} in {} is {}", self.path.display(), node.kind());
        self.wrong(node.span.clone(), what, &format!("this is {}", node.kind()), &format!("it must be {right}"))
    }

    /// An error at a place of this file.
    pub(crate) fn wrong(&self, span: Range<usize>, what: String, label: &str, help: &str) -> Error {
        Error::located(&self.path, &self.text, span, [what, label.to_owned(), help.to_owned()])
    }
}

/// A link whose target is gone is no missing file: what it says would be silently passed over.
fn dangling(path: &Path) -> Option<io::Error> {
    let meta = std::fs::symlink_metadata(path).ok()?;
    meta.file_type().is_symlink().then(|| io::Error::new(ErrorKind::NotFound, "it is a link, and its target is gone"))
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Error {
    let valid = error.utf8_error().valid_up_to();
    let before = String::from_utf8_lossy(&error.as_bytes()[..valid]);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Error::NotUtf8 { path: path.to_owned(), line, column, byte: error.as_bytes()[valid] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miette::Diagnostic;

    fn package(text: &str) -> PackageJson {
        PackageJson::parse(Path::new("/p/package.json"), text.into()).unwrap()
    }

    /// What is refused: the text that the caret stands under, and the message.
    fn refused<T: std::fmt::Debug>(text: &str, result: Result<T, Error>) -> (String, String) {
        let error = result.unwrap_err();
        let label = error.labels().unwrap().next().unwrap();
        (text[label.offset()..label.offset() + label.len()].to_owned(), error.to_string())
    }

    #[test]
    fn scripts_come_in_the_order_of_the_file() {
        let package = package(r#"{"scripts": {"z": "1", "a": "2", "z": "3"}}"#);
        let scripts: Vec<_> = package.scripts().unwrap().iter().map(|entry| (entry.name, entry.text)).collect();
        assert_eq!(scripts, [("a", "2"), ("z", "3")]);
        assert_eq!(package.script("z").unwrap(), Some("3"));
        assert_eq!(package.script("q").unwrap(), None);
    }

    #[test]
    fn an_odd_entry_matters_only_to_who_asks_for_it() {
        let text = r#"{"name": 7, "scripts": {"a": "true", "b": 1}}"#;
        let package = package(text);
        assert_eq!(package.script("a").unwrap(), Some("true"));
        assert_eq!(refused(text, package.script("b")).0, "1");
        assert_eq!(refused(text, package.name()), ("7".into(), "name in /p/package.json is a number".into()));
    }

    #[test]
    fn wrong_forms_are_located() {
        let text = r#"{"scripts": [], "workspaces": "a", "bin": 3, "dependencies": {"x": null}}"#;
        let package = package(text);
        assert_eq!(refused(text, package.scripts()).0, "[]");
        assert_eq!(refused(text, package.workspaces()).0, "\"a\"");
        assert_eq!(refused(text, package.bins()).0, "3");
        assert_eq!(refused(text, package.dependencies("dependencies")).0, "null");
        assert_eq!(refused(text, package.checked_name()).0, "{");
        assert_eq!(refused("[1]", PackageJson::parse(Path::new("p"), b"[1]".into())).0, "[1]");
    }

    #[test]
    fn workspaces_are_a_list_or_have_one() {
        for text in [r#"{"workspaces": ["a/*"]}"#, r#"{"workspaces": {"packages": ["a/*"], "nohoist": []}}"#] {
            let package = package(text);
            assert_eq!(package.workspaces().unwrap().unwrap()[0].text, "a/*");
        }
        assert_eq!(package("{}").workspaces().unwrap(), None);
    }

    #[test]
    fn commands_have_the_names_that_package_json_gives() {
        let bin = |name: &str, file: &str| Bin { name: name.into(), file: file.into() };
        assert_eq!(package(r#"{"name": "@s/tool", "bin": "./cli.js"}"#).bins().unwrap(), [bin("tool", "cli.js")]);
        assert_eq!(package(r#"{"bin": {"b": "x/b.js"}}"#).bins().unwrap(), [bin("b", "x/b.js")]);
        assert_eq!(package("{}").bins().unwrap(), []);
    }

    #[test]
    fn no_command_leaves_its_package() {
        for (text, place) in [
            (r#"{"bin": {"../x": "a.js"}}"#, "\"../x\""),
            (r#"{"bin": {"..": "a.js"}}"#, "\"..\""),
            (r#"{"bin": {"a\\b": "a.js"}}"#, "\"a\\\\b\""),
            (r#"{"bin": {"x": "../../a.js"}}"#, "\"../../a.js\""),
            (r#"{"bin": {"x": "/bin/sh"}}"#, "\"/bin/sh\""),
            (r#"{"bin": {"x": ""}}"#, "\"\""),
        ] {
            assert_eq!(refused(text, package(text).bins()).0, place);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_located() {
        let error = PackageJson::parse(Path::new("p"), b"{\n \"\xc3\xa9\xff\"}".to_vec()).unwrap_err();
        assert_eq!(error.to_string(), "p:2:4: this byte (0xff) is not UTF-8");
    }
}
