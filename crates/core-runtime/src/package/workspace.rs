//! A workspace: the packages that the topmost package.json names, and the order in which they
//! depend on each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::folders::{self, NODE_MODULES, PACKAGE_JSON};
use super::{DEPENDENCIES, Entry, Error, PackageJson};

/// A workspace: its root comes first, then its packages by their folders' names.
#[derive(Debug)]
pub struct Workspace {
    members: Vec<Member>,
}

/// One package of a workspace.
#[derive(Debug)]
pub struct Member {
    /// What it is
    pub package: PackageJson,
    /// The root is in no package's place: it is meant only where it is named
    pub is_root: bool,
    /// From the root, with `/`; `.` for the root itself
    pub relative: String,
}

impl Member {
    /// What it is called in messages: its name, or its folder.
    #[must_use]
    pub fn label(&self) -> &str {
        self.package.name().ok().flatten().unwrap_or(&self.relative)
    }
}

impl Workspace {
    /// The workspace that `folder` is in.
    ///
    /// # Errors
    ///
    /// There is none, a pattern names what is not there, a package.json is broken, two have one name.
    pub fn find(folder: &Path) -> Result<Self, Error> {
        let nearest = folders::project(folder)?;
        let mut above = Some(nearest.clone());
        while let Some(root) = above {
            if root.workspaces()?.is_some() {
                let workspace = Self::of(root)?;
                if workspace.members.iter().any(|member| member.package.folder() == nearest.folder()) {
                    return Ok(workspace);
                }
                above = workspace
                    .members
                    .first()
                    .and_then(|root| root.package.folder().parent())
                    .map_or(Ok(None), folders::nearest)?;
            } else {
                above = root.folder().parent().map_or(Ok(None), folders::nearest)?;
            }
        }
        Err(Error::NoWorkspace { path: nearest.path().to_owned() })
    }

    /// The workspace with this root.
    ///
    /// # Errors
    ///
    /// As [`Workspace::find`].
    pub fn of(root: PackageJson) -> Result<Self, Error> {
        let mut found = BTreeMap::new();
        let patterns = root.workspaces()?.unwrap_or_default();
        for entry in &patterns {
            match entry.text.strip_prefix('!') {
                None => Pattern::of(&root, entry, entry.text)?.collect(&root, entry, &mut found)?,
                Some(excluded) => {
                    let pattern = Pattern::of(&root, entry, excluded)?;
                    found.retain(|relative, _| !pattern.matches(relative));
                }
            }
        }
        let mut members = vec![Member { package: root, is_root: true, relative: ".".to_owned() }];
        members.extend(found.into_iter().map(|(relative, package)| Member { package, is_root: false, relative }));
        let workspace = Self { members };
        workspace.by_name()?;
        Ok(workspace)
    }

    /// Its root first, then its packages.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// `chosen` (places in [`Workspace::members`]) so that each comes after those that it depends on,
    /// be it through others that are not chosen.
    ///
    /// # Errors
    ///
    /// [`Error::Circle`] where there is no such order.
    pub fn ordered(&self, chosen: &BTreeSet<usize>) -> Result<Vec<usize>, Error> {
        let edges = self.edges()?;
        let direct: BTreeMap<usize, BTreeSet<usize>> =
            chosen.iter().map(|&from| (from, reached(from, chosen, &edges))).collect();
        let mut order = Vec::with_capacity(chosen.len());
        let mut way = Vec::new();
        chosen.iter().try_for_each(|&start| self.visit(start, &direct, &mut way, &mut order))?;
        Ok(order)
    }

    fn visit(
        &self,
        at: usize,
        direct: &BTreeMap<usize, BTreeSet<usize>>,
        way: &mut Vec<usize>,
        order: &mut Vec<usize>,
    ) -> Result<(), Error> {
        if order.contains(&at) {
            return Ok(());
        }
        if let Some(begin) = way.iter().position(|&earlier| earlier == at) {
            let circle = way[begin..].iter().chain([&at]);
            let names = circle.map(|&index| self.members[index].label().to_owned()).collect();
            return Err(Error::Circle { names });
        }
        way.push(at);
        direct[&at].iter().try_for_each(|&next| self.visit(next, direct, way, order))?;
        way.pop();
        order.push(at);
        Ok(())
    }

    /// Which members each member names among its dependencies.
    fn edges(&self) -> Result<Vec<Vec<usize>>, Error> {
        let by_name = self.by_name()?;
        self.members
            .iter()
            .map(|member| {
                let mut named = Vec::new();
                for kind in DEPENDENCIES {
                    let dependencies = member.package.dependencies(kind)?;
                    // Under an alias it is another package that has the name.
                    let here = dependencies.iter().filter(|entry| !entry.text.starts_with("npm:"));
                    named.extend(here.filter_map(|entry| by_name.get(entry.name).copied()));
                }
                Ok(named)
            })
            .collect()
    }

    fn by_name(&self) -> Result<BTreeMap<&str, usize>, Error> {
        let mut by_name = BTreeMap::new();
        for (index, member) in self.members.iter().enumerate() {
            let Some(name) = member.package.name()? else { continue };
            if let Some(first) = by_name.insert(name, index) {
                let folder = |index: usize| self.members[index].package.folder().to_owned();
                return Err(Error::SameName { name: name.to_owned(), first: folder(first), second: folder(index) });
            }
        }
        Ok(by_name)
    }
}

/// The chosen ones that `from` depends on, itself left out, on ways through what is not chosen.
fn reached(from: usize, chosen: &BTreeSet<usize>, edges: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut seen = BTreeSet::from([from]);
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for &next in &edges[at] {
            if seen.insert(next) {
                if chosen.contains(&next) {
                    found.insert(next);
                } else {
                    open.push(next);
                }
            }
        }
    }
    found
}

/// A pattern of `workspaces`, in the form that paths are matched in: no `./` before, no `/` behind.
struct Pattern<'a> {
    text: &'a str,
    /// The folders before the first wildcard: where looking begins
    fixed: &'a str,
}

impl<'a> Pattern<'a> {
    fn of(root: &PackageJson, entry: &Entry<'_>, text: &'a str) -> Result<Self, Error> {
        let text = text.trim_start_matches("./").trim_end_matches('/');
        let leaves = text.starts_with('/') || text.split('/').any(|part| part == "..") || text.contains('\\');
        if leaves {
            return Err(root.wrong(
                entry.node.span.clone(),
                format!("the workspace pattern {:?} leads out of {}", entry.text, root.folder().display()),
                "this pattern",
                "packages of a workspace lie below its root: \"packages/*\", with / on every system",
            ));
        }
        let wild = text.find(['*', '?', '[', '{']).unwrap_or(text.len());
        let fixed = if wild == text.len() { text } else { &text[..text[..wild].rfind('/').unwrap_or(0)] };
        Ok(Self { text, fixed })
    }

    fn is_fixed(&self) -> bool {
        self.fixed == self.text
    }

    fn matches(&self, relative: &str) -> bool {
        fast_glob::glob_match(self.text, relative)
    }

    /// How many folders below the fixed ones it can reach.
    fn depth(&self) -> usize {
        let below = self.text[self.fixed.len()..].trim_start_matches('/');
        if below.contains("**") { usize::MAX } else { below.matches('/').count() + 1 }
    }

    fn collect(
        &self,
        root: &PackageJson,
        entry: &Entry<'_>,
        found: &mut BTreeMap<String, PackageJson>,
    ) -> Result<(), Error> {
        let folder = root.folder().join(self.fixed);
        if self.is_fixed() {
            if self.text.is_empty() || self.text == "." {
                return Ok(());
            }
            let Some(package) = PackageJson::read_if_there(&folder.join(PACKAGE_JSON))? else {
                return Err(root.wrong(
                    entry.node.span.clone(),
                    format!("the workspace has no package in {}", folder.display()),
                    "no package.json there",
                    "correct the folder's name, put a package there, or take this entry out",
                ));
            };
            found.insert(self.text.to_owned(), package);
            return Ok(());
        }
        self.walk(&folder, self.fixed.to_owned(), self.depth(), found)
    }

    fn walk(
        &self,
        folder: &Path,
        relative: String,
        depth: usize,
        found: &mut BTreeMap<String, PackageJson>,
    ) -> Result<(), Error> {
        let hidden = self.text.starts_with('.') || self.text.contains("/.");
        for (name, link) in subfolders(folder)? {
            // Neither installed packages nor a repository's insides are members.
            if name == NODE_MODULES || name == ".git" || (name.starts_with('.') && !hidden) {
                continue;
            }
            let inner = folder.join(&name);
            let relative = if relative.is_empty() { name } else { format!("{relative}/{name}") };
            if self.matches(&relative)
                && let Some(package) = PackageJson::read_if_there(&inner.join(PACKAGE_JSON))?
            {
                found.insert(relative.clone(), package);
            }
            // A link may lead back up: what it points at can be a member, its insides are none.
            if depth > 1 && !link {
                self.walk(&inner, relative, depth - 1, found)?;
            }
        }
        Ok(())
    }
}

/// Names of folders and of links to folders; names that are not UTF-8 match no pattern.
fn subfolders(folder: &Path) -> Result<Vec<(String, bool)>, Error> {
    use std::io::ErrorKind;
    let unreadable = |source| Error::Read { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        if !(kind.is_dir() || kind.is_symlink() && entry.path().is_dir()) {
            continue;
        }
        folders.extend(entry.file_name().into_string().ok().map(|name| (name, kind.is_symlink())));
    }
    folders.sort();
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Workspace, Error>) {
        let root = tempfile::tempdir().unwrap();
        for (folder, text) in files {
            let folder = root.path().join(folder);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(PACKAGE_JSON), text).unwrap();
        }
        let workspace = Workspace::find(root.path());
        (root, workspace)
    }

    fn members(files: &[(&str, &str)]) -> Vec<String> {
        let (_root, workspace) = workspace(files);
        workspace.unwrap().members().iter().skip(1).map(|member| member.relative.clone()).collect()
    }

    fn order(files: &[(&str, &str)], chosen: &[usize]) -> Result<Vec<String>, Vec<String>> {
        let (_root, workspace) = workspace(files);
        let workspace = workspace.unwrap();
        match workspace.ordered(&chosen.iter().copied().collect()) {
            Ok(order) => Ok(order.into_iter().map(|index| workspace.members()[index].label().to_owned()).collect()),
            Err(Error::Circle { names }) => Err(names),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn patterns_name_folders_with_a_package_json() {
        let packages = [("packages/b", "{}"), ("packages/a", "{}"), ("packages/a/sub", "{}"), ("apps/deep/x", "{}")];
        let with = |patterns: &str| {
            let root = format!("{{\"workspaces\": {patterns}}}");
            let mut files = vec![("", root.as_str()), ("packages/node_modules/n", "{}"), ("packages/.hidden", "{}")];
            files.extend(packages);
            members(&files)
        };
        assert_eq!(with("[\"packages/*\"]"), ["packages/a", "packages/b"]);
        assert_eq!(with("[\"./packages/a/\"]"), ["packages/a"]);
        assert_eq!(with("[\"packages/**\", \"!packages/b\"]"), ["packages/a", "packages/a/sub"]);
        assert_eq!(with("[\"{packages,apps/deep}/*\"]"), ["apps/deep/x", "packages/a", "packages/b"]);
        assert_eq!(with("{\"packages\": [\"apps/*/x\"]}"), ["apps/deep/x"]);
        assert_eq!(with("[\"none/*\"]"), [""; 0]);
    }

    #[test]
    fn a_workspace_is_found_from_within_its_packages_only() {
        let files = [("", "{\"workspaces\": [\"a\"]}"), ("a", "{}"), ("b", "{}")];
        let (root, _) = workspace(&files);
        assert_eq!(Workspace::find(&root.path().join("a")).unwrap().members().len(), 2);
        assert!(matches!(Workspace::find(&root.path().join("b")), Err(Error::NoWorkspace { .. })));
    }

    #[test]
    fn patterns_that_leave_or_miss_are_refused() {
        for text in ["../x", "/x", "a/../../b", "a\\\\b"] {
            let root = format!("{{\"workspaces\": [\"{text}\"]}}");
            assert!(workspace(&[("", &root)]).1.unwrap_err().to_string().contains("leads out of"), "{text}");
        }
        let missing = workspace(&[("", "{\"workspaces\": [\"packages/gone\"]}")]).1.unwrap_err();
        assert!(missing.to_string().contains("no package in"), "{missing}");
    }

    #[test]
    fn two_packages_cannot_share_a_name() {
        let files = [("", "{\"workspaces\": [\"*\"]}"), ("a", "{\"name\": \"x\"}"), ("b", "{\"name\": \"x\"}")];
        assert!(matches!(workspace(&files).1, Err(Error::SameName { name, .. }) if name == "x"));
    }

    #[test]
    fn packages_come_after_what_they_depend_on() {
        let files = [
            ("", "{\"workspaces\": [\"*\"]}"),
            ("a", "{\"name\": \"a\", \"dependencies\": {\"b\": \"*\"}}"),
            ("b", "{\"name\": \"b\", \"devDependencies\": {\"c\": \"workspace:*\"}}"),
            ("c", "{\"name\": \"c\", \"dependencies\": {\"c\": \"*\", \"a\": \"npm:other@1\"}}"),
        ];
        assert_eq!(order(&files, &[1, 2, 3]).unwrap(), ["c", "b", "a"]);
        // Through b, which is not asked for.
        assert_eq!(order(&files, &[1, 3]).unwrap(), ["c", "a"]);
    }

    #[test]
    fn a_circle_is_named_and_matters_only_to_those_in_it() {
        let files = [
            ("", "{\"workspaces\": [\"*\"]}"),
            ("a", "{\"name\": \"a\", \"dependencies\": {\"b\": \"*\"}}"),
            ("b", "{\"name\": \"b\", \"dependencies\": {\"c\": \"*\"}}"),
            ("c", "{\"name\": \"c\", \"dependencies\": {\"a\": \"*\"}}"),
            ("d", "{\"name\": \"d\", \"dependencies\": {\"a\": \"*\"}}"),
        ];
        assert_eq!(order(&files, &[1, 2, 3, 4]).unwrap_err(), ["a", "b", "c", "a"]);
        assert_eq!(order(&files, &[1, 4]).unwrap(), ["a", "d"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_back_up_ends_the_walk() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("a")).unwrap();
        fs::write(root.path().join("package.json"), "{\"workspaces\": [\"**\"]}").unwrap();
        fs::write(root.path().join("a/package.json"), "{}").unwrap();
        std::os::unix::fs::symlink("..", root.path().join("a/up")).unwrap();
        let workspace = Workspace::find(root.path()).unwrap();
        let relative: Vec<_> = workspace.members().iter().map(|member| member.relative.as_str()).collect();
        // The link itself is a folder with a package.json; nothing is looked for behind it.
        assert_eq!(relative, [".", "a", "a/up"]);
    }
}
