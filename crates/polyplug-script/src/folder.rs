//! The folder of a script: what it imports has to lie in it, with links resolved.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use polyplug_abi::AbiErrorCode;

use crate::fault::Fault;

/// The largest source file that is read.
const MAX_SOURCE: u64 = 64 * 1024 * 1024;

/// A folder that files are taken from, and from nowhere else.
#[derive(Clone, Debug)]
pub struct Folder {
    /// With links resolved.
    root: PathBuf,
}

impl Folder {
    /// The folder at a path.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn new(path: &Path) -> Result<Self, Fault> {
        let root = path
            .canonicalize()
            .map_err(|error| Fault::new(AbiErrorCode::Io, format!("the folder {}: {error}", path.display())))?;
        Ok(Self { root })
    }

    /// The text of a file, and the name that messages call it: its path in the folder. `path` is relative, with `/`.
    ///
    /// # Errors
    ///
    /// A path that leads out of the folder, no such file, one that is too large, or no UTF-8.
    pub fn read(&self, path: &str) -> Result<(String, String), Fault> {
        let file = self.find(path)?.ok_or_else(|| {
            Fault::new(AbiErrorCode::NotFound, format!("there is no file `{path}` in the script's folder"))
        })?;
        Ok((self.shown(&file), self.text_of(&file)?))
    }

    /// A file, with links resolved; `None` if there is none at this path.
    ///
    /// # Errors
    ///
    /// A path that leads out of the folder.
    pub fn find(&self, path: &str) -> Result<Option<PathBuf>, Fault> {
        let outside = || Fault::new(AbiErrorCode::InvalidArgument, format!("`{path}` is not in the script's folder"));
        let relative = Path::new(path);
        if path.contains(['\\', '\0', ':']) || !relative.components().all(|one| matches!(one, Component::Normal(_))) {
            return Err(outside());
        }
        let Ok(file) = self.root.join(relative).canonicalize() else { return Ok(None) };
        if !file.starts_with(&self.root) {
            return Err(outside());
        }
        Ok(file.is_file().then_some(file))
    }

    /// The path of a file of the folder, as messages show it: relative, with `/`.
    #[must_use]
    pub fn shown(&self, file: &Path) -> String {
        let inside = file.strip_prefix(&self.root).unwrap_or(file);
        inside.to_string_lossy().replace('\\', "/")
    }

    /// The text of a file that was found.
    ///
    /// # Errors
    ///
    /// It cannot be read, is too large, or no UTF-8.
    pub fn text_of(&self, file: &Path) -> Result<String, Fault> {
        let failed = |code, why: String| Fault::new(code, format!("{}: {why}", self.shown(file)));
        let mut bytes = Vec::new();
        std::fs::File::open(file)
            .and_then(|opened| opened.take(MAX_SOURCE + 1).read_to_end(&mut bytes))
            .map_err(|error| failed(AbiErrorCode::Io, error.to_string()))?;
        if bytes.len() as u64 > MAX_SOURCE {
            return Err(failed(AbiErrorCode::LoadFailed, format!("more than {MAX_SOURCE} bytes")));
        }
        String::from_utf8(bytes).map_err(|error| failed(AbiErrorCode::InvalidUtf8, error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_folder_are_found_and_no_others() {
        let outer = tempfile::tempdir().expect("a folder");
        let inner = outer.path().join("script");
        std::fs::create_dir_all(inner.join("deep")).expect("made");
        for (path, text) in [("script/deep/a.lua", "return 1"), ("secret.lua", "return 2")] {
            std::fs::write(outer.path().join(path), text).expect("written");
        }
        let folder = Folder::new(&inner).expect("it is there");
        assert_eq!(folder.read("deep/a.lua").expect("there"), ("deep/a.lua".to_owned(), "return 1".to_owned()));
        assert!(folder.find("deep/b.lua").expect("inside").is_none());
        assert!(folder.find("deep").expect("inside").is_none());
        let absolute = outer.path().join("secret.lua").display().to_string();
        for path in ["../secret.lua", "deep/../../secret.lua", &absolute, "deep\\a.lua", "C:a.lua", "a\0", ""] {
            assert!(folder.read(path).is_err(), "{path:?}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outer.path().join("secret.lua"), inner.join("link.lua")).expect("linked");
            let refused = folder.read("link.lua").expect_err("it leads out");
            assert!(refused.message.contains("not in the script's folder"), "{refused}");
        }
    }
}
