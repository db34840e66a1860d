//! The C and C++ compiler for MSVC targets: zig, whose headers for Windows are
//! mingw-w64's. What build scripts say for Microsoft's compiler is translated;
//! C++ with exceptions is refused with the way out.

use std::ffi::OsString;
use std::path::Path;

use super::{Kit, MsvcError, XWIN, exports};
use crate::tool::{Invocation, Launcher};
use crate::toolchain::roles::Played;

/// As which the compiler was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// `cc`.
    C,
    /// `c++`.
    Cpp,
}

/// Compiles as the build script asked.
///
/// # Errors
/// zig could not be started.
pub(super) fn run(
    launcher: &Launcher,
    kit: &Kit,
    language: Language,
    arguments: Vec<OsString>,
) -> Result<Played, MsvcError> {
    let language = if arguments.iter().any(|file| is_c_in_disguise(Path::new(file))) { Language::C } else { language };
    let call = invocation(kit, language, &arguments);
    let status = launcher.foreground(&call)?;
    let mut played = Played { says: String::new(), failed: !status.success() };
    if played.failed && language == Language::Cpp {
        // The compiler has said what is wrong; only to know what it was about is it asked again.
        let again = launcher.output(&call.arg("-fsyntax-only"))?;
        if wants_exceptions(&String::from_utf8_lossy(&again.stderr)) {
            played.says = format!("error: C++ that uses exceptions or type information {XWIN}\n");
        }
    }
    Ok(played)
}

fn invocation(kit: &Kit, language: Language, arguments: &[OsString]) -> Invocation {
    let mut call = exports::zig_call(&kit.zig, "compile C for Windows")
        .arg(if language == Language::C { "cc" } else { "c++" })
        .args(["-target", &kit.arch.zig_target()]);
    if language == Language::C && arguments.iter().any(|file| is_c_in_disguise(Path::new(file))) {
        call = call.args(["-x", "c"]);
    }
    call = call.args(translate(arguments, language)).args(own_flags(language, arguments));
    // Headers of zig's may be named in debug information and by `__FILE__`, wherever zig is installed.
    call = call.arg(format!("-ffile-prefix-map={}=/zig", kit.zig_library.display()));
    match output(arguments) {
        Some(name) => call.args(exports::object_name(&name)),
        None => call,
    }
}

/// What goes after the caller's flags, because it must hold whatever they say.
fn own_flags(language: Language, arguments: &[OsString]) -> Vec<&'static str> {
    let mut flags = vec![
        // zig's own default would call a runtime that is not linked.
        "-fno-sanitize=undefined",
        "-fno-stack-protector",
        // Else `#pragma section` and `__declspec(allocate)` are ignored in silence, and thread hooks never run.
        "-fms-extensions",
        // printf and its kin are ucrtbase.dll's, not a library's of mingw-w64.
        "-D__USE_MINGW_ANSI_STDIO=0",
        // longjmp restores registers; the other kind unwinds, and Rust takes that for a panic and aborts.
        "-D__USE_MINGW_SETJMP_NON_SEH",
        // zig forbids `__DATE__`; with SOURCE_DATE_EPOCH it is the same every day.
        "-Wno-date-time",
        // Not all of these mean something for every call.
        "-Wno-unused-command-line-argument",
    ];
    let wants = |start: &str| arguments.iter().any(|flag| flag.to_string_lossy().starts_with(start));
    // Debug information in the form that lld puts into a PDB, and none that nobody asked for.
    if wants("-g") && !wants("-g0") || wants("/Z7") || wants("/Zi") {
        // The command would name zig's folder and a temporary one.
        flags.extend(["-gcodeview", "-gno-codeview-command-line"]);
    } else {
        flags.push("-g0");
    }
    if language == Language::Cpp {
        flags.extend(["-fno-exceptions", "-fno-rtti"]);
    }
    flags
}

/// The name of the object that is to be made, without its folder.
fn output(arguments: &[OsString]) -> Option<String> {
    let mut arguments = arguments.iter();
    let path = loop {
        let argument = arguments.next()?.to_string_lossy().into_owned();
        match argument.strip_prefix("-o").or_else(|| argument.strip_prefix("/Fo")) {
            Some("") => break arguments.next()?.to_string_lossy().into_owned(),
            Some(path) => break path.trim_start_matches(':').to_owned(),
            None => {}
        }
    };
    Some(Path::new(&path).file_name()?.to_string_lossy().into_owned())
}

/// The caller's flags as clang takes them. What has no meaning here is dropped.
fn translate(arguments: &[OsString], language: Language) -> Vec<OsString> {
    let mut flags = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        if text == "-target" {
            arguments.next();
        } else if let Some(flag) = text.strip_prefix('/').filter(|_| !is_path(&text)) {
            flags.extend(slash_flag(flag).into_iter().map(OsString::from));
        } else if is_kept(&text, language) {
            flags.push(argument.clone());
        }
    }
    flags
}

fn is_kept(flag: &str, language: Language) -> bool {
    let about_target = flag.starts_with("--target=");
    // Debug information of another form, and exceptions: ours come last, these would win or be refused.
    let other_form = flag.starts_with("-gdwarf");
    let cpp_only = language == Language::C && (flag.starts_with("-std=c++") || flag.starts_with("-std=gnu++"));
    !(about_target || other_form || cpp_only)
}

/// On a Unix machine a word that begins with a slash is a path if its first folder is there.
fn is_path(text: &str) -> bool {
    let first = text.trim_start_matches('/').split('/').next().unwrap_or_default();
    text == "/" || Path::new("/").join(first).exists()
}

/// A flag of Microsoft's compiler, without its slash ("MSVC compiler options listed alphabetically").
fn slash_flag(flag: &str) -> Vec<String> {
    let value = |start: &str| flag.strip_prefix(start).map(str::trim_start).filter(|value| !value.is_empty());
    let one = |flag: &str| vec![flag.to_owned()];
    if let Some(standard) = value("std:") {
        let standard = match standard {
            "c++latest" => "c++23",
            "clatest" => "c23",
            other => other,
        };
        // Microsoft's compilers take their own words whatever the standard says, as GNU's dialects do.
        return vec![format!("-std=gnu{}", standard.trim_start_matches('c'))];
    }
    if let Some(set) = value("arch:") {
        return match set {
            "AVX" => one("-mavx"),
            "AVX2" => one("-march=x86-64-v3"),
            "AVX512" => one("-march=x86-64-v4"),
            _ => Vec::new(),
        };
    }
    match flag {
        "c" => return one("-c"),
        "TC" => return vec!["-x".to_owned(), "c".to_owned()],
        "TP" => return vec!["-x".to_owned(), "c++".to_owned()],
        "Od" => return one("-O0"),
        "O1" | "Os" => return one("-Os"),
        "O2" | "Ox" | "Ot" => return one("-O2"),
        "w" | "W0" => return one("-w"),
        "Wall" | "W3" | "W4" => return one("-Wall"),
        "Z7" | "Zi" => return one("-g"),
        "fp:fast" => return one("-ffast-math"),
        _ => {}
    }
    if let Some(definition) = value("D") {
        return vec![format!("-D{definition}")];
    }
    if let Some(name) = value("U") {
        return vec![format!("-U{name}")];
    }
    if let Some(folder) = value("I") {
        return vec![format!("-I{folder}")];
    }
    if let Some(file) = value("FI") {
        return vec!["-include".to_owned(), file.to_owned()];
    }
    if let Some(file) = value("Fo") {
        return vec!["-o".to_owned(), file.trim_start_matches(':').to_owned()];
    }
    Vec::new()
}

/// C that a build script wants compiled as C++ because Microsoft's C lacks C11's atomics: a C++ file that only
/// includes a C file. zig's C has them, and its C++ would be another language than the project's other targets use.
fn is_c_in_disguise(path: &Path) -> bool {
    if !path.extension().is_some_and(|extension| ["cc", "cpp", "cxx"].iter().any(|cpp| extension == *cpp)) {
        return false;
    }
    // A file of one line: longer ones need not be read.
    if !path.metadata().is_ok_and(|file| file.is_file() && file.len() < 8192) {
        return false;
    }
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    let included = lines.next().and_then(|line| line.strip_prefix("#include")).map(str::trim);
    lines.next().is_none() && included.is_some_and(|file| file.ends_with(".c\"") || file.ends_with(".c>"))
}

/// Whether clang's errors are about what `-fno-exceptions -fno-rtti` takes away.
fn wants_exceptions(errors: &str) -> bool {
    ["with exceptions disabled", "requires -frtti", "use of typeid requires", "use of dynamic_cast requires"]
        .iter()
        .any(|words| errors.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(language: Language, flags: &[&str]) -> Vec<String> {
        let flags: Vec<OsString> = flags.iter().map(OsString::from).collect();
        translate(&flags, language).into_iter().map(|flag| flag.into_string().unwrap()).collect()
    }

    #[test]
    fn flags_of_microsofts_compiler_become_clangs() {
        let cases: [(&[&str], &[&str]); 11] = [
            (&["--target=x86_64-pc-windows-msvc", "-O3"], &["-O3"]),
            (&["-target", "x86_64-pc-windows-msvc", "-c"], &["-c"]),
            (&["/std:c11", "/std:c++17", "/std:c++latest"], &["-std=gnu11", "-std=gnu++17", "-std=gnu++23"]),
            (&["/DNAME=1", "/D NAME", "/UNAME"], &["-DNAME=1", "-DNAME", "-UNAME"]),
            (&["/nologo", "/EHsc", "/utf-8", "/Zc:__cplusplus", "/experimental:c11atomics", "/MD"], &[]),
            (&["/O2", "/Od", "/W4", "/w"], &["-O2", "-O0", "-Wall", "-w"]),
            (&["/FIconfig.h", "/Foout.obj"], &["-include", "config.h", "-o", "out.obj"]),
            (&["/arch:AVX2"], &["-march=x86-64-v3"]),
            (&["-gdwarf-4", "-g"], &["-g"]),
            (&["-std=c++17"], &["-std=c++17"]),
            (&["-DA=/x", "-Wall", "-o", "a.o"], &["-DA=/x", "-Wall", "-o", "a.o"]),
        ];
        for (given, expected) in cases {
            assert_eq!(translated(Language::Cpp, given), expected, "{given:?}");
        }
        assert_eq!(translated(Language::C, &["-std=c++17", "-std=c11"]), ["-std=c11"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_path_is_no_flag_though_it_begins_with_a_slash() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("D.c").display().to_string();
        assert_eq!(translated(Language::C, &["/D/x", "-c", &source]), ["-D/x", "-c", source.as_str()]);
    }

    #[test]
    fn c_that_is_only_wrapped_in_a_c_plus_plus_file_is_c() {
        let folder = tempfile::tempdir().unwrap();
        let is_c = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            is_c_in_disguise(&path)
        };
        assert!(is_c("static.cc", "#include \"/somewhere/src/static.c\"\n"));
        assert!(!is_c("more.cc", "#include \"static.c\"\nint more;\n"));
        assert!(!is_c("header.cc", "#include \"static.h\"\n"));
        assert!(!is_c("own.c", "#include \"static.c\"\n"));
        assert!(!is_c_in_disguise(&folder.path().join("absent.cc")));
    }
}
