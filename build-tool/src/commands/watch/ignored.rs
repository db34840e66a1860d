//! Whether git ignores one path, without a walk over the tree: the patterns
//! of each folder are read once, until a file of patterns changes. Only for
//! paths in folders that git does not ignore themselves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Files of patterns in any folder; what a later one says counts more.
const FILES: [&str; 2] = [".gitignore", ".ignore"];

/// The patterns that were read so far.
pub(super) struct Ignored {
    target_directory: PathBuf,
    everywhere: Gitignore,
    folders: BTreeMap<PathBuf, Gitignore>,
}

impl Ignored {
    pub(super) fn new(target_directory: &Path) -> Self {
        let everywhere = Gitignore::global().0;
        Self { target_directory: target_directory.to_owned(), everywhere, folders: BTreeMap::new() }
    }

    /// Whether a file or folder is ignored; that what it lies in is not, the caller knows.
    pub(super) fn holds(&mut self, path: &Path, is_folder: bool) -> bool {
        let name = path.file_name().unwrap_or_default();
        if FILES.iter().any(|file| name == *file) {
            self.folders.clear();
        }
        if name == ".git" || path == self.target_directory || is_temporary(&name.to_string_lossy()) {
            return true;
        }
        // The innermost folder that says anything decides, up to the repository's own.
        for folder in path.ancestors().skip(1) {
            match self.patterns(folder).matched(path, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
            if folder.join(".git").exists() {
                break;
            }
        }
        self.everywhere.matched(path, is_folder).is_ignore()
    }

    fn patterns(&mut self, folder: &Path) -> &Gitignore {
        self.folders.entry(folder.to_owned()).or_insert_with(|| {
            let mut builder = GitignoreBuilder::new(folder);
            for file in [".git/info/exclude"].into_iter().chain(FILES).map(|name| folder.join(name)) {
                // One that is not there says nothing; of one that is broken, the rest counts.
                let _nothing_to_say = builder.add(file);
            }
            builder.build().unwrap_or_else(|_| Gitignore::empty())
        })
    }
}

/// Names under which editors write before they rename.
fn is_temporary(name: &str) -> bool {
    name.ends_with('~') || name.starts_with(".#") || name.ends_with(".swp") || name.ends_with(".swx") || name == "4913"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_patterns_decide_as_in_git() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path();
        std::fs::create_dir_all(root.join(".git/info")).unwrap();
        std::fs::create_dir(root.join("app")).unwrap();
        std::fs::write(root.join(".git/info/exclude"), "/private\n").unwrap();
        std::fs::write(root.join(".gitignore"), "*.log\n/only-a-folder/\n").unwrap();
        std::fs::write(root.join("app/.gitignore"), "!kept.log\n").unwrap();
        let mut ignored = Ignored::new(&root.join("target"));
        for (path, is_folder, expected) in [
            ("app/a.log", false, true),
            ("app/kept.log", false, false),
            ("app/main.rs", false, false),
            ("private", false, true),
            ("only-a-folder", true, true),
            ("only-a-folder", false, false),
            ("target", true, true),
            (".git", true, true),
            ("app/.main.rs.swp", false, true),
        ] {
            assert_eq!(ignored.holds(&root.join(path), is_folder), expected, "{path}");
        }
        // New patterns count from the moment that their file is seen.
        std::fs::write(root.join(".gitignore"), "main.rs\n").unwrap();
        assert!(!ignored.holds(&root.join(".gitignore"), false));
        assert!(ignored.holds(&root.join("app/main.rs"), false));
    }
}
