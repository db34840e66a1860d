//! The kit for one processor: a folder in the cache with the start-up library
//! and the import libraries that were asked for so far, named after everything
//! that decides their bytes; and the names under which cargo calls us back.
//! Files come whole or not at all, so runs may share it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Arch, MsvcError, Read, at, exports, import_library, roles, startup};

/// Names of the UCRT and of the C++ runtime. ucrtbase.dll, which every Windows 10 has, exports both, so that
/// programs need no runtime that would have to be installed; the third is its functions by their old names.
const UCRT_NAMES: [&str; 5] = ["ucrt", "libucrt", "vcruntime", "libvcruntime", "oldnames"];

/// Libraries of Microsoft's SDK that import from a DLL of another name.
const RENAMED: [(&str, &str); 1] = [("synchronization", "api-ms-win-core-synch-l1-2-0")];

/// What the linker and the compiler must know when cargo calls them; it lies beside their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kit {
    /// For which processor.
    pub arch: Arch,
    /// zig.
    pub zig: PathBuf,
    /// zig's own folder of libraries and headers.
    pub(super) zig_library: PathBuf,
    /// `lld-link`, or `rust-lld`, which is told to be that.
    pub linker: PathBuf,
    /// Where the libraries are.
    pub libraries: PathBuf,
    /// Where the names are that cargo calls.
    pub(super) tools: PathBuf,
}

/// Makes the kit for `arch` below `cache`, or finds it there: `linker` is lld's `lld-link` or `rust-lld`.
///
/// # Errors
/// zig is missing or not one that can do this, or the cache cannot be written.
pub fn prepare(read: Read<'_>, arch: Arch, zig: &Path, linker: &Path, cache: &Path) -> Result<Kit, MsvcError> {
    let answer = read(&exports::zig_call(zig, "ask zig where its libraries are").arg("env"))?;
    let answer = String::from_utf8_lossy(&answer);
    let field = |name: &'static str| setting(&answer, name).ok_or(MsvcError::Zig { what: name });
    let (version, zig_library) = (field("version")?, PathBuf::from(field("lib_dir")?));
    let key = key(&["1", arch.name(), &version, import_library::MAKER, &startup::description()]);
    let root = cache.join(&key);
    let libraries = root.join("lib");
    let ours = std::env::current_exe().map_err(at("find", Path::new("our own program")))?;
    let paths = [&ours, zig, &zig_library, linker].map(|path| path.to_string_lossy().into_owned());
    let tools = root.join("tools").join(self::key(&paths.each_ref().map(String::as_str)));
    let kit = Kit { arch, zig: zig.to_owned(), zig_library, linker: linker.to_owned(), libraries, tools };
    kit.make_startup(read, &root)?;
    roles::write(&kit, &ours)?;
    Ok(kit)
}

/// A name for what is made of `parts`.
fn key(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}

/// A value of `zig env`: JSON up to 0.14, zig's own notation since, and in both a name, a sign and a quoted text.
fn setting(answer: &str, name: &str) -> Option<String> {
    answer.lines().find_map(|line| {
        let rest = line.trim_start().trim_start_matches(['.', '"']).strip_prefix(name)?;
        let rest = rest.trim_start_matches('"').trim_start().strip_prefix(['=', ':'])?;
        serde_json::from_str(rest.trim().trim_end_matches(',')).ok()
    })
}

impl Kit {
    fn make_startup(&self, read: Read<'_>, root: &Path) -> Result<(), MsvcError> {
        let folder = &self.libraries;
        // The last name comes last: with it, all are there.
        if startup::NAMES.last().is_some_and(|last| folder.join(format!("{last}.lib")).is_file()) {
            return Ok(());
        }
        std::fs::create_dir_all(folder).map_err(at("create", folder))?;
        let work = tempfile::tempdir_in(root).map_err(at("create a folder in", root))?;
        startup::compile(read, &self.zig, self.arch, work.path())?;
        let made = |name: &str| {
            let path = work.path().join(name);
            std::fs::read(&path).map_err(at("read", &path))
        };
        write_whole(&folder.join(startup::FIRST), &made(startup::FIRST)?)?;
        let library = made(startup::LIBRARY)?;
        for name in startup::NAMES {
            write_whole(&folder.join(format!("{name}.lib")), &library)?;
        }
        Ok(())
    }

    /// Makes `library` (its name without `.lib`, as the link line spells it), if it is not there yet.
    ///
    /// # Errors
    /// No export list is known for it, or the kit cannot be written.
    pub fn library(&self, read: Read<'_>, library: &str) -> Result<(), MsvcError> {
        let plain = exports::is_plain_name(library);
        let path = self.libraries.join(format!("{library}.lib"));
        if plain && path.is_file() {
            return Ok(());
        }
        let lower = library.to_ascii_lowercase();
        if startup::NAMES.contains(&lower.as_str()) {
            // Only the spelling is new.
            let made = self.libraries.join(format!("{lower}.lib"));
            let bytes = std::fs::read(&made).map_err(at("read", &made))?;
            return write_whole(&path, &bytes);
        }
        let renamed = RENAMED.iter().find(|(name, _)| *name == lower).map(|(_, list)| *list);
        let list = if UCRT_NAMES.contains(&lower.as_str()) { "ucrtbase" } else { renamed.unwrap_or(library) };
        let text = exports::text(read, &self.zig, &self.zig_library, self.arch, list).map_err(|error| match error {
            MsvcError::NoExports { folder, .. } => MsvcError::NoExports { name: library.to_owned(), folder },
            other => other,
        })?;
        let bytes = import_library::bytes(&text, self.arch)
            .map_err(|reason| MsvcError::Exports { path: PathBuf::from(format!("{list}.def")), reason })?;
        write_whole(&path, &bytes)
    }
}

/// Writes beside the place and renames into it: who else makes the same file at the same time makes the same bytes.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), MsvcError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(folder).map_err(at("write into", folder))?;
    std::fs::write(file.path(), bytes).map_err(at("write", path))?;
    file.persist(path).map_err(|error| at("write", path)(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_zig_env_is_understood_in_both_of_its_notations() {
        let zon = ".{\n    .zig_exe = \"/opt/zig\\u{7a}/zig\",\n    .lib_dir = \"/opt/a b/lib\",\n    .version = \"0.17.0\",\n}";
        let json = "{\n \"zig_exe\": \"/opt/zig\",\n \"lib_dir\": \"/opt/a b/lib\",\n \"version\": \"0.13.0\"\n}";
        assert_eq!(setting(zon, "lib_dir").as_deref(), Some("/opt/a b/lib"));
        assert_eq!(setting(json, "lib_dir").as_deref(), Some("/opt/a b/lib"));
        assert_eq!(setting(json, "version").as_deref(), Some("0.13.0"));
        assert_eq!(setting(zon, "version").as_deref(), Some("0.17.0"));
        assert_eq!(setting(zon, "std_dir"), None);
    }

    #[test]
    fn a_key_tells_parts_apart_wherever_they_are_cut() {
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_eq!(key(&["ab", "c"]).len(), 20);
    }
}
