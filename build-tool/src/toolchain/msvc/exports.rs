//! The export lists of Windows' DLLs, as mingw-w64 writes them (`.def`, and
//! `.def.in` for the C preprocessor) and zig carries them, made ready for an
//! import library.

use std::path::{Path, PathBuf};

use super::{Arch, MsvcError, Read, at};
use crate::tool::Invocation;

/// Where zig keeps mingw-w64.
pub(super) fn folder(zig_library: &Path) -> PathBuf {
    zig_library.join("libc/mingw")
}

/// The list for `library` (without `.lib`, in any case), ready to be made into an import library.
///
/// # Errors
/// There is none, or it cannot be read or preprocessed.
pub(super) fn text(
    read: Read<'_>,
    zig: &Path,
    zig_library: &Path,
    arch: Arch,
    library: &str,
) -> Result<String, MsvcError> {
    let mingw = folder(zig_library);
    let Some(path) = find(&mingw, arch, library) else {
        return Err(MsvcError::NoExports { name: library.to_owned(), folder: mingw });
    };
    let text = if path.extension().is_some_and(|extension| extension == "in") {
        preprocessed(read, zig, &mingw, arch, &path)?
    } else {
        std::fs::read_to_string(&path).map_err(at("read", &path))?
    };
    clean(&text).map_err(|reason| MsvcError::Exports { path, reason })
}

/// A processor's own list goes before the common one. Windows exports the same functions on arm64 as on
/// x86-64 with few exceptions, and a list only says what may be asked for, so arm64 falls back to that.
fn find(mingw: &Path, arch: Arch, library: &str) -> Option<PathBuf> {
    let folders: &[&str] = match arch {
        Arch::X86_64 => &["lib64", "lib-common"],
        Arch::Aarch64 => &["libarm64", "lib-common", "lib64"],
    };
    // The names of the lists are in lower case but for a few; those of libraries are written in any.
    let spellings = [library.to_ascii_lowercase(), library.to_owned(), library.to_ascii_uppercase()];
    let spellings = spellings.iter().filter(|name| is_plain_name(name));
    let files = spellings.flat_map(|name| folders.iter().map(move |folder| mingw.join(folder).join(name)));
    files
        .flat_map(|base| [".def", ".def.in"].map(|end| PathBuf::from(format!("{}{end}", base.display()))))
        .find(|path| path.is_file())
}

/// Whether a library's name can be a file's name and nothing else.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+'))
}

fn preprocessed(read: Read<'_>, zig: &Path, mingw: &Path, arch: Arch, path: &Path) -> Result<String, MsvcError> {
    let call = zig_call(zig, "preprocess an export list")
        .args(["cc", "-target", &arch.zig_target(), "-E", "-P", "-w", "-x", "c"])
        .arg("-I")
        .arg(mingw.join("def-include"))
        .arg(path);
    Ok(String::from_utf8_lossy(&read(&call)?).into_owned())
}

/// A call of zig. Its own caches are left where the user has them.
pub(super) fn zig_call(zig: &Path, purpose: &str) -> Invocation {
    Invocation::new(zig, purpose)
}

/// What clang writes into an object as the object's own name; zig has it write to a place with a random name.
pub(super) fn object_name(name: &str) -> [String; 2] {
    ["-Xclang".to_owned(), format!("-object-file-name={name}")]
}

/// One definition a line, in the form that every reader of such lists agrees on: no comments, no `@N` of 32-bit
/// names, blanks around `=` and `==` (implib's reader loses an `=` without them).
fn clean(text: &str) -> Result<String, String> {
    let mut cleaned = String::new();
    let mut library = None;
    for line in text.lines() {
        let line = line.split(';').next().unwrap_or_default().trim();
        let first = line.split_whitespace().next().unwrap_or_default();
        match first.to_ascii_uppercase().as_str() {
            "" => continue,
            "LIBRARY" | "NAME" => {
                let name = line[first.len()..].trim().trim_matches('"');
                library = Some(name.split_whitespace().next().unwrap_or_default().to_owned());
                continue;
            }
            "EXPORTS" => continue,
            _ if line.starts_with('#') => continue,
            _ => {}
        }
        let words = line.replace("==", "\u{0}").replace('=', " = ").replace('\u{0}', " == ");
        let words: Vec<&str> = words.split_whitespace().map(without_stack_size).collect();
        cleaned += "  ";
        cleaned += &words.join(" ");
        cleaned.push('\n');
    }
    let library = library.filter(|name| !name.is_empty()).ok_or("it names no LIBRARY")?;
    let dll = if library.contains('.') { library } else { format!("{library}.dll") };
    if cleaned.is_empty() {
        return Err("it exports nothing".to_owned());
    }
    Ok(format!("LIBRARY \"{dll}\"\nEXPORTS\n{cleaned}"))
}

/// `name@8` is how 32-bit names say how much they pop off the stack; `@8` alone is an ordinal and stays.
fn without_stack_size(word: &str) -> &str {
    match word.rsplit_once('@') {
        Some((name, size)) if !name.is_empty() && !name.contains('?') && is_number(size) => name,
        _ => word,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cleaned_of_all_that_its_readers_disagree_on() {
        let text = "; a comment\nLIBRARY \"KERNEL32.dll\"\nEXPORTS\n\nSleep@4\nfoo=bar ; why\nexit==_exit\n\
                    # 12 \"x\"\ntimezone DATA\nByNumber @17 NONAME\n?method@@YAXXZ\n";
        assert_eq!(
            clean(text).unwrap(),
            "LIBRARY \"KERNEL32.dll\"\nEXPORTS\n  Sleep\n  foo = bar\n  exit == _exit\n  timezone DATA\n  \
             ByNumber @17 NONAME\n  ?method@@YAXXZ\n"
        );
        assert!(clean("LIBRARY foo\nEXPORTS\n a\n").unwrap().starts_with("LIBRARY \"foo.dll\"\n"));
        assert_eq!(clean("EXPORTS\n a\n").unwrap_err(), "it names no LIBRARY");
        assert_eq!(clean("LIBRARY a.dll\n").unwrap_err(), "it exports nothing");
    }

    #[test]
    fn a_list_is_looked_for_by_name_only_and_in_the_order_of_the_processor() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["lib64/a.def", "lib-common/a.def", "lib-common/b.def.in", "lib64/c.def", "lib64/CINTIME.def"] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let found = |arch, name| {
            let path = find(folder.path(), arch, name)?;
            Some(path.strip_prefix(folder.path()).unwrap().display().to_string())
        };
        assert_eq!(found(Arch::X86_64, "A").as_deref(), Some("lib64/a.def"));
        assert_eq!(found(Arch::Aarch64, "a").as_deref(), Some("lib-common/a.def"));
        assert_eq!(found(Arch::Aarch64, "b").as_deref(), Some("lib-common/b.def.in"));
        assert_eq!(found(Arch::Aarch64, "c").as_deref(), Some("lib64/c.def"));
        assert_eq!(found(Arch::X86_64, "CINTIME").as_deref(), Some("lib64/CINTIME.def"));
        assert_eq!(found(Arch::X86_64, "../lib-common/b"), None);
        assert_eq!(found(Arch::X86_64, "d"), None);
    }
}
