//! Links against Apple's frameworks and libraries where there is no SDK of
//! Apple's: for each that the link line names, a stub is written that has the
//! symbols which the program wants from it (`-framework Foundation -lobjc`).
//! The program records the libraries under their real names, as it would with
//! the SDK; only macOS itself can say whether they have what is wanted.

mod allot;
mod classes;
mod known;
mod link_line;
mod owners;
mod tbd;
mod wanted;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use object::Architecture;

use allot::{Named, allot};
use link_line::LinkLine;
use wanted::Symbols;

/// The variables by which cargo-zigbuild's wrapper and this program agree on zig and on the folder for what they write.
const ZIG: &str = "CARGO_ZIGBUILD_ZIG_COMMAND";
const FOLDER: &str = "CARGO_ZIGBUILD_CACHE_DIR";

/// A link cannot be prepared.
#[derive(Debug, thiserror::Error)]
pub enum FrameworksError {
    /// No public framework has this name, and no folder of the line holds it.
    #[error(
        "the framework {name} is not one of macOS's public frameworks, and no folder that the link names with -F holds \
         it: {}",
        unknown_advice(name)
    )]
    Unknown {
        /// Its name.
        name: String,
    },
    /// A file could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried, as an infinitive.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
}

fn unknown_advice(name: &str) -> String {
    match known::umbrella(name) {
        Some(outer) => format!("it lies within {outer}; programs link that one"),
        None => "mend the name, or set SDKROOT to a MacOSX.sdk folder that has it".to_owned(),
    }
}

/// A call of zig for macOS, ready to be run.
#[derive(Debug)]
pub struct Call {
    /// The arguments, of a link with the folders of the stubs.
    pub arguments: Vec<String>,
    kind: Kind,
}

/// What is known of a call when it has failed.
#[derive(Debug)]
enum Kind {
    /// It has Apple's SDK: whatever it says is for others to explain.
    WithSdk,
    /// It compiles.
    Compile,
    /// It links these libraries of Apple's, in the line's order.
    Link(Vec<String>),
}

/// Prepares a call of `zig cc` with these arguments; none if it is not for macOS.
///
/// # Errors
/// A framework is unknown, or files cannot be read or written.
pub fn prepare(arguments: &[String]) -> Result<Option<Call>, FrameworksError> {
    let target = arguments.iter().skip_while(|word| *word != "-target").nth(1).map_or("", String::as_str);
    if !target.contains("-macos") {
        return Ok(None);
    }
    let with_sdk = std::env::var_os("SDKROOT").is_some_and(|folder| !folder.is_empty());
    let call = |arguments, kind| Ok(Some(Call { arguments, kind: if with_sdk { Kind::WithSdk } else { kind } }));
    let here = Path::new("the linker's arguments");
    let Some(mut line) = LinkLine::read(arguments).map_err(file("read", here))? else {
        return call(arguments.to_vec(), Kind::Compile);
    };
    line.name_frameworks_once().map_err(file("write", here))?;
    let mut own = Vec::new();
    let mut named = if with_sdk { Vec::new() } else { named(&line, &mut own)? };
    let names = named.iter().map(|library| library.name.clone()).collect();
    let mut arguments = line.arguments();
    arguments.extend(line.install_name());
    if !named.is_empty() {
        let architecture = if target.starts_with("x86_64") { Architecture::X86_64 } else { Architecture::Aarch64 };
        for (symbol, _) in symbols(&line, &own, architecture)?.wanted() {
            allot(symbol, &mut named);
        }
        let folder = write(&named)?;
        arguments.extend([format!("-F{}", folder.display()), format!("-L{}", folder.display())]);
    }
    call(arguments, Kind::Link(names))
}

/// The libraries that need stubs. What the line's own folders hold goes to `own`.
fn named(line: &LinkLine, own: &mut Vec<PathBuf>) -> Result<Vec<Named>, FrameworksError> {
    let mut named = Vec::new();
    for name in line.frameworks() {
        let inside = |folder: &Path| folder.join(format!("{name}.framework"));
        let files = [format!("{name}.tbd"), name.to_owned()];
        if let Some(file) = line.framework_folders().find_map(|folder| first_file(&inside(folder), &files)) {
            own.push(file);
            continue;
        }
        let known = known::framework(name).ok_or_else(|| FrameworksError::Unknown { name: name.to_owned() })?;
        named.push(Named { name: name.to_owned(), known, symbols: BTreeSet::new() });
    }
    for name in line.libraries() {
        let files = ["tbd", "dylib", "a"].map(|ending| format!("lib{name}.{ending}"));
        if let Some(file) = line.library_folders().find_map(|folder| first_file(folder, &files)) {
            own.push(file);
        } else if let Some(known) = known::library(name) {
            named.push(Named { name: format!("lib{name}"), known, symbols: BTreeSet::new() });
        }
        // Others are zig's own (libSystem, libc++), cargo-zigbuild's (libiconv, libcharset), or missing: then the
        // linker says so.
    }
    Ok(named)
}

fn first_file(folder: &Path, names: &[String]) -> Option<PathBuf> {
    names.iter().map(|name| folder.join(name)).find(|file| file.is_file())
}

/// The symbols of all that is linked. What libSystem has is wanted from nobody else.
fn symbols(line: &LinkLine, own: &[PathBuf], architecture: Architecture) -> Result<Symbols, FrameworksError> {
    let mut symbols = Symbols::default();
    for input in line.inputs().filter(|input| input.is_file()).chain(own.iter().map(PathBuf::as_path)) {
        symbols.add(input, architecture).map_err(file("read", input))?;
    }
    if let Some(zig) = std::env::var_os(ZIG).map(PathBuf::from) {
        let system = zig.with_file_name("lib").join("libc/darwin/libSystem.tbd");
        if system.is_file() {
            symbols.add_stub(&system).map_err(file("read", &system))?;
        }
    }
    Ok(symbols)
}

/// Writes the stubs into a folder of their own, named by what is in it: links that run side by side share it or are
/// strangers, and none sees half a file.
fn write(named: &[Named]) -> Result<PathBuf, FrameworksError> {
    let stubs: Vec<(PathBuf, String)> = named
        .iter()
        .map(|library| {
            let name = &library.name;
            let inside = match name.strip_prefix("lib") {
                Some(_) => PathBuf::from(format!("{name}.tbd")),
                None => PathBuf::from(format!("{name}.framework")).join(format!("{name}.tbd")),
            };
            let text = tbd::text(&tbd::Stub {
                install_name: &library.known.install_name,
                current_version: library.known.current_version,
                compatibility_version: library.known.compatibility_version,
                symbols: &library.symbols,
            });
            (inside, text)
        })
        .collect();
    let all: String = stubs.iter().map(|(inside, text)| format!("{}\n{text}", inside.display())).collect();
    let base = std::env::var_os(FOLDER).map_or_else(std::env::temp_dir, PathBuf::from).join("stubs");
    let folder = base.join(&super::environment::hash(&all)[..16]);
    if folder.is_dir() {
        return Ok(folder);
    }
    std::fs::create_dir_all(&base).map_err(file("create", &base))?;
    let half = tempfile::tempdir_in(&base).map_err(file("create a folder in", &base))?;
    for (inside, text) in &stubs {
        let path = half.path().join(inside);
        let parent = path.parent().unwrap_or(&path);
        std::fs::create_dir_all(parent).map_err(file("create", parent))?;
        std::fs::write(&path, text).map_err(file("write", &path))?;
    }
    match std::fs::rename(half.path(), &folder) {
        // Another link was first, with the same content.
        Err(_) if folder.is_dir() => Ok(folder),
        renamed => renamed.map(|()| folder.clone()).map_err(file("write", &folder)),
    }
}

fn file(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> FrameworksError {
    let path = path.to_owned();
    move |source| FrameworksError::File { action, path, source }
}

impl Call {
    /// What a person needs to know besides, when the call failed and said this; nothing if the reason is elsewhere.
    pub fn explain(&self, said: &str) -> Option<String> {
        match &self.kind {
            Kind::WithSdk => None,
            Kind::Compile => headers(said),
            Kind::Link(libraries) => missing(said, libraries),
        }
    }
}

/// Apple's headers are not zig's to carry.
fn headers(said: &str) -> Option<String> {
    let header = said.lines().find_map(|line| line.split_once("fatal error: '")?.1.strip_suffix("' file not found"))?;
    let folder = header.split('/').next().filter(|folder| known::framework(folder).is_some() || *folder == "objc")?;
    Some(format!(
        "{header} is a header of {folder}, which only Apple's SDK has: set SDKROOT to a MacOSX.sdk folder, or leave this \
         crate out of the targets for macOS"
    ))
}

/// zig names the symbols and who wants them; it cannot say whose they would be.
fn missing(said: &str, libraries: &[String]) -> Option<String> {
    let named = said.lines().filter_map(|line| Some(line.split_once("undefined symbol: ")?.1.trim()));
    let missing: BTreeSet<&str> = named.collect();
    if missing.is_empty() || libraries.is_empty() && missing.iter().all(|symbol| owners::owners(symbol).is_empty()) {
        return None;
    }
    let line = if libraries.is_empty() { "none".to_owned() } else { libraries.join(", ") };
    let mut text = format!("Apple's libraries on the link line (stubs, as there is no SDK): {line}\n");
    for symbol in missing {
        text += &match owners::owners(symbol).join(" or ") {
            none if none.is_empty() => {
                format!("  {symbol}: nothing that is linked has it, and it is not known as one of Apple's\n")
            }
            owners => format!(
                "  {symbol}: it belongs to {owners}, which the line does not name: the crate that uses it must link it\n"
            ),
        };
    }
    text += "if macOS has it all the same: set SDKROOT to a MacOSX.sdk folder, which then is used in place of the stubs, \
             or add -C link-arg=-Wl,-undefined,dynamic_lookup to the target's rustflags, which leaves every missing \
             symbol to the start of the program";
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(kind: Kind, said: &str) -> Option<String> {
        Call { arguments: Vec::new(), kind }.explain(said)
    }

    #[test]
    fn a_missing_symbol_is_explained() {
        let said = "error: undefined symbol: _MTLCopyAllDevices\n    note: referenced by a.o:_main\n\
                    error: undefined symbol: _frob\n";
        insta::assert_snapshot!(explained(Kind::Link(vec!["Foundation".into(), "libobjc".into()]), said).unwrap());
        assert_eq!(explained(Kind::WithSdk, said), None);
    }

    #[test]
    fn what_has_nothing_to_do_with_apple_is_left_to_the_linker() {
        assert_eq!(explained(Kind::Link(Vec::new()), "error: undefined symbol: _frob\n"), None);
        assert_eq!(explained(Kind::Link(vec!["AppKit".into()]), "error: no space left\n"), None);
        assert_eq!(explained(Kind::Compile, "a.c:1:10: fatal error: 'mine.h' file not found\n"), None);
    }

    #[test]
    fn a_header_of_the_sdk_is_named_as_such() {
        let said = "n.m:1:9: fatal error: 'Foundation/Foundation.h' file not found\n    1 | #import\n";
        let text = explained(Kind::Compile, said).unwrap();
        assert!(
            text.starts_with("Foundation/Foundation.h is a header of Foundation, which only Apple's SDK has"),
            "{text}"
        );
    }
}
