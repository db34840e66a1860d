//! The arguments of one link, as rustc passes them to `zig cc` for a Mach-O
//! target: on the command line, or in a response file where they are many.
//! Knows which words name libraries, and can leave words out.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// How rustc ends the names of its response files (rustc's `back/link.rs`).
const RESPONSE_FILE: &str = "linker-arguments";

/// Words after which the compiler stops before it links, or does not compile at all.
const NO_LINK: [&str; 9] = ["-c", "-E", "-S", "-M", "-MM", "-fsyntax-only", "-r", "--version", "-v"];

/// The endings of what a linker reads.
const INPUTS: [&str; 5] = ["o", "rlib", "a", "dylib", "tbd"];

/// A link's arguments, in their order.
#[derive(Debug)]
pub(super) struct LinkLine {
    sources: Vec<Source>,
}

/// The command line, or one response file.
#[derive(Debug)]
struct Source {
    file: Option<PathBuf>,
    pieces: Vec<Piece>,
    changed: bool,
}

/// Words that mean one thing together.
#[derive(Debug)]
struct Piece {
    words: Vec<String>,
    means: Meaning,
}

/// What some words mean, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    Framework { name: String, weak: bool },
    Library(String),
    FrameworkFolder(PathBuf),
    LibraryFolder(PathBuf),
    Input(PathBuf),
    ResponseFile(usize),
    Other,
}

impl LinkLine {
    /// Reads the arguments of a compiler call; none if it does not link.
    ///
    /// # Errors
    /// A response file cannot be read.
    pub(super) fn read(arguments: &[String]) -> io::Result<Option<Self>> {
        if arguments.iter().any(|word| NO_LINK.contains(&word.as_str())) {
            return Ok(None);
        }
        let mut line = Self { sources: vec![Source { file: None, pieces: pieces(arguments), changed: false }] };
        let files: Vec<PathBuf> = arguments.iter().filter_map(|word| response_file(word)).collect();
        for file in files {
            let text = std::fs::read_to_string(&file)?;
            let words: Vec<String> = text.split_terminator('\n').map(unescape).collect();
            line.sources.push(Source { file: Some(file), pieces: pieces(&words), changed: false });
        }
        let mut next = 1;
        for piece in &mut line.sources[0].pieces {
            if piece.words.first().and_then(|word| response_file(word)).is_some() {
                piece.means = Meaning::ResponseFile(next);
                next += 1;
            }
        }
        Ok(Some(line))
    }

    /// Everything in the order in which the linker reads it.
    fn meanings(&self) -> impl Iterator<Item = &Meaning> {
        let in_place = |piece| match piece {
            &Piece { means: Meaning::ResponseFile(source), .. } => &self.sources[source].pieces[..],
            piece => std::slice::from_ref(piece),
        };
        self.sources[0].pieces.iter().flat_map(in_place).map(|piece| &piece.means)
    }

    /// The frameworks, each once.
    pub(super) fn frameworks(&self) -> Vec<&str> {
        once(self.meanings().filter_map(|meaning| match meaning {
            Meaning::Framework { name, .. } => Some(name.as_str()),
            _ => None,
        }))
    }

    /// The libraries named with `-l`, each once.
    pub(super) fn libraries(&self) -> Vec<&str> {
        once(self.meanings().filter_map(|meaning| match meaning {
            Meaning::Library(name) => Some(name.as_str()),
            _ => None,
        }))
    }

    /// The folders that the line names for frameworks.
    pub(super) fn framework_folders(&self) -> impl Iterator<Item = &Path> {
        self.meanings().filter_map(|meaning| match meaning {
            Meaning::FrameworkFolder(folder) => Some(folder.as_path()),
            _ => None,
        })
    }

    /// The folders that the line names for libraries.
    pub(super) fn library_folders(&self) -> impl Iterator<Item = &Path> {
        self.meanings().filter_map(|meaning| match meaning {
            Meaning::LibraryFolder(folder) => Some(folder.as_path()),
            _ => None,
        })
    }

    /// The objects and libraries that are named as files.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &Path> {
        self.meanings().filter_map(|meaning| match meaning {
            Meaning::Input(file) => Some(file.as_path()),
            _ => None,
        })
    }

    /// Leaves out what names a framework again. zig writes a load command for every mention, and dyld refuses a
    /// program that loads the same library twice; Apple's linker takes the first. Where one mention is not weak, that
    /// one stays, since the program needs the framework.
    ///
    /// # Errors
    /// A response file cannot be written.
    pub(super) fn name_frameworks_once(&mut self) -> io::Result<()> {
        let needed: BTreeSet<String> = self.strongly_named();
        let mut seen = BTreeSet::new();
        for source in &mut self.sources {
            let before = source.pieces.len();
            source.pieces.retain(|piece| match &piece.means {
                Meaning::Framework { name, weak } => !(*weak && needed.contains(name)) && seen.insert(name.clone()),
                _ => true,
            });
            source.changed = source.pieces.len() != before;
            if let (Some(file), true) = (&source.file, source.changed) {
                let lines: Vec<String> =
                    source.pieces.iter().flat_map(|piece| &piece.words).map(|word| escape(word)).collect();
                std::fs::write(file, lines.join("\n") + "\n")?;
            }
        }
        Ok(())
    }

    /// What a dynamic library is to be called by programs that link against it, where the line does not say: its file,
    /// wherever that will lie. The linker would take the path that it writes to, which is another on each machine.
    pub(super) fn install_name(&self) -> Option<String> {
        let all = || self.sources.iter().flat_map(|source| &source.pieces);
        let has = |word: &str| {
            all().any(|piece| piece.words.iter().any(|own| own.strip_prefix("-Wl,").unwrap_or(own) == word))
        };
        let is_said = all().flat_map(|piece| &piece.words).any(|word| word.contains("-install_name"));
        if is_said || !["-dynamiclib", "-dylib", "-shared"].into_iter().any(has) {
            return None;
        }
        let out = all().find(|piece| piece.words.first().is_some_and(|word| word == "-o"))?.words.get(1)?;
        Path::new(out).file_name()?.to_str().map(|file| format!("-Wl,-install_name,@rpath/{file}"))
    }

    fn strongly_named(&self) -> BTreeSet<String> {
        self.meanings()
            .filter_map(|meaning| match meaning {
                Meaning::Framework { name, weak: false } => Some(name.clone()),
                _ => None,
            })
            .collect()
    }

    /// The command line, without what was left out.
    pub(super) fn arguments(&self) -> Vec<String> {
        self.sources[0].pieces.iter().flat_map(|piece| piece.words.iter().cloned()).collect()
    }
}

fn once<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| seen.insert(*name)).collect()
}

fn response_file(word: &str) -> Option<PathBuf> {
    word.strip_prefix('@').filter(|name| name.ends_with(RESPONSE_FILE)).map(PathBuf::from)
}

/// rustc writes a backslash before each backslash and each blank (its `Escape` for linkers other than Microsoft's).
fn unescape(line: &str) -> String {
    let mut word = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        word.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    word
}

fn escape(word: &str) -> String {
    word.replace('\\', "\\\\").replace(' ', "\\ ")
}

/// Groups words by meaning.
fn pieces(words: &[String]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = words;
    while !rest.is_empty() {
        let (length, means) = meaning(rest);
        let (own, further) = rest.split_at(length.min(rest.len()));
        pieces.push(Piece { words: own.to_vec(), means });
        rest = further;
    }
    pieces
}

/// What the first words mean, and how many they are.
fn meaning(words: &[String]) -> (usize, Meaning) {
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    let plain = |index: usize| word(index).strip_prefix("-Wl,").unwrap_or(word(index));
    let framework = |flag: &str, name: &str| {
        is_framework_flag(flag).then(|| Meaning::Framework { name: name.to_owned(), weak: flag.contains("weak") })
    };
    if word(0) == "-Xlinker"
        && word(2) == "-Xlinker"
        && let Some(means) = framework(word(1), word(3))
    {
        return (4, means);
    }
    if let Some((flag, name)) = word(0).strip_prefix("-Wl,").and_then(|linker| linker.split_once(','))
        && let Some(means) = framework(flag, name)
    {
        return (1, means);
    }
    if let Some(means) = framework(plain(0), plain(1)) {
        return (2, means);
    }
    if ["-o", "-u", "-install_name", "-target"].contains(&plain(0)) {
        return (2, Meaning::Other);
    }
    for (flag, means) in [("-L", Meaning::LibraryFolder as fn(PathBuf) -> Meaning), ("-F", Meaning::FrameworkFolder)] {
        match plain(0).strip_prefix(flag) {
            Some("") => return (2, means(plain(1).into())),
            Some(folder) => return (1, means(folder.into())),
            None => {}
        }
    }
    for flag in ["-l", "-weak-l", "-needed-l"] {
        if let Some(name) = plain(0).strip_prefix(flag).filter(|name| !name.is_empty() && !name.contains('=')) {
            return (1, Meaning::Library(name.to_owned()));
        }
    }
    let file = Path::new(plain(0).strip_prefix("-force_load,").unwrap_or(plain(0)));
    let is_input = file.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| INPUTS.contains(&ending));
    if is_input && !plain(0).starts_with("-") || plain(0).starts_with("-force_load,") {
        return (1, Meaning::Input(file.to_owned()));
    }
    (1, Meaning::Other)
}

fn is_framework_flag(word: &str) -> bool {
    ["-framework", "-weak_framework", "-needed_framework"].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn line(text: &str) -> LinkLine {
        LinkLine::read(&words(text)).unwrap().unwrap()
    }

    #[test]
    fn libraries_are_found_in_every_form() {
        let line = line(
            "-target aarch64-macos.11.0-none -framework A -weak_framework B -Wl,-framework,C -Wl,-needed_framework \
             -Wl,D -Xlinker -framework -Xlinker E -lobjc -Wl,-weak-lz -L one -Ltwo -F three -Ffour -o out.dylib x.o \
             y.rlib -Wl,-force_load,z.a -liconv -framework A -nodefaultlibs",
        );
        assert_eq!(line.frameworks(), ["A", "B", "C", "D", "E"]);
        assert_eq!(line.libraries(), ["objc", "z", "iconv"]);
        assert_eq!(line.library_folders().collect::<Vec<_>>(), [Path::new("one"), Path::new("two")]);
        assert_eq!(line.framework_folders().collect::<Vec<_>>(), [Path::new("three"), Path::new("four")]);
        // What is written is not read: the last link's output may lie there.
        let inputs = [Path::new("x.o"), Path::new("y.rlib"), Path::new("z.a")];
        assert_eq!(line.inputs().collect::<Vec<_>>(), inputs);
    }

    #[test]
    fn a_call_that_only_compiles_is_no_link() {
        assert!(LinkLine::read(&words("-target aarch64-macos -c a.c -o a.o")).unwrap().is_none());
        assert!(LinkLine::read(&words("-E -dM a.c")).unwrap().is_none());
    }

    #[test]
    fn each_framework_stays_once_and_the_needed_one_before_the_weak() {
        let mut line = line(
            "-framework A -weak_framework B x.o -framework A -Wl,-framework,B -weak_framework C -weak_framework C",
        );
        line.name_frameworks_once().unwrap();
        assert_eq!(line.arguments().join(" "), "-framework A x.o -Wl,-framework,B -weak_framework C");
    }

    #[test]
    fn a_library_is_called_by_its_file_unless_the_line_says_otherwise() {
        let name = |text: &str| line(text).install_name();
        let expected = Some("-Wl,-install_name,@rpath/libx.dylib".to_owned());
        assert_eq!(name("-dynamiclib -Wl,-dylib x.o -o /somewhere/deps/libx.dylib"), expected);
        assert_eq!(name("-shared x.o -o libx.dylib"), expected);
        assert_eq!(name("-dynamiclib x.o -o libx.dylib -Wl,-install_name,/usr/lib/libx.dylib"), None);
        assert_eq!(name("-dynamiclib x.o -o libx.dylib -install_name libx.dylib"), None);
        assert_eq!(name("x.o -o program"), None);
    }

    #[test]
    fn a_response_file_is_read_and_mended_in_rustcs_own_form() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("linker-arguments");
        std::fs::write(&file, "/a\\ b/x\\\\y.o\n-framework\nA\n-framework\nA\n-lobjc\n").unwrap();
        let mut line = line(&format!("-framework A @{} -framework B", file.display()));
        assert_eq!(line.inputs().collect::<Vec<_>>(), [Path::new("/a b/x\\y.o")]);
        assert_eq!(line.frameworks(), ["A", "B"]);
        line.name_frameworks_once().unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "/a\\ b/x\\\\y.o\n-lobjc\n");
        assert_eq!(line.arguments().len(), 5);
    }
}
