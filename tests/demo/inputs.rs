//! The demo, asked through pipes: on Rust's own library and on the workspace's, for this machine, for arm64, and on
//! kernels without io_uring, it says the same.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::built::{ARM, LINUX, WINDOWS, demo, reference, show};

const PROMPT: &str = "Path of a file: ";

/// A folder with one of each kind of thing that a path can lead to.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &OsStr| folder.path().join(name);
    let write = |name: &str, bytes: &[u8]| fs::write(path(OsStr::new(name)), bytes).unwrap();
    write("good", b"abc");
    write("one", b"x");
    write("newline", b"abc\n");
    write("binary", b"x\0\xff");
    write("a file with spaces", b"s");
    write("naïve – ファイル", b"u");
    write("empty", b"");
    fs::write(path(&OsString::from_vec(b"caf\xe9".to_vec())), b"8").unwrap();
    fs::create_dir(path(OsStr::new("folder"))).unwrap();
    symlink("good", path(OsStr::new("link"))).unwrap();
    symlink("nowhere", path(OsStr::new("dangling"))).unwrap();
    symlink("circle", path(OsStr::new("circle"))).unwrap();
    for (name, length) in [("sparse", 5 << 30), ("huge", 1 << 42)] {
        let file = File::create(path(OsStr::new(name))).unwrap();
        file.set_len(length).unwrap();
        file.write_all_at(b"!", length - 1).unwrap();
    }
    let fifo = path(OsStr::new("fifo"));
    assert!(Command::new("mkfifo").arg(fifo).status().unwrap().success());
    folder
}

/// Runs a command in the folder, with this input.
fn run(mut command: Command, folder: &Path, input: &[u8]) -> Output {
    command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let _it_may_not_read_all = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// The line that is given; and either the byte that is told with how it is shown, or the message.
type Case = (Vec<u8>, Result<(u8, &'static str), String>);

/// What is asked, and what comes of it: a byte, or words on the standard error.
fn cases() -> Vec<Case> {
    let missing = "No such file or directory (os error 2)";
    let no = |input: &[u8], words: &str| (input.to_vec(), Err(words.to_owned()));
    let yes = |input: &[u8], byte, shown| (input.to_vec(), Ok((byte, shown)));
    let long = "n".repeat(5000);
    vec![
        yes(b"good\n", b'c', "c"),
        yes(b"good", b'c', "c"),
        yes(b"good\r\n", b'c', "c"),
        yes(b"good\nmore\n", b'c', "c"),
        yes(b"./folder/../good\n", b'c', "c"),
        yes(b"one\n", b'x', "x"),
        yes(b"newline\n", b'\n', "\\n"),
        yes(b"binary\n", 0xff, "\\xff"),
        yes(b"a file with spaces\n", b's', "s"),
        yes("naïve – ファイル\n".as_bytes(), b'u', "u"),
        yes(b"caf\xe9\n", b'8', "8"),
        yes(b"link\n", b'c', "c"),
        yes(b"sparse\n", b'!', "!"),
        yes(b"huge\n", b'!', "!"),
        no(b"empty\n", "empty is empty: it has no last byte"),
        no(b"folder\n", "folder is a folder, not a file"),
        no(b"/\n", "/ is a folder, not a file"),
        no(b"fifo\n", "fifo is not a regular file"),
        no(b"/dev/null\n", "/dev/null is not a regular file"),
        no(b"missing\n", &format!("missing: {missing}")),
        no(b" good\n", &format!(" good: {missing}")),
        no(b"dangling\n", &format!("dangling: {missing}")),
        no(b"circle\n", "circle: Too many levels of symbolic links (os error 40)"),
        no(b"good/x\n", "good/x: Not a directory (os error 20)"),
        no(format!("{long}\n").as_bytes(), &format!("{long}: File name too long (os error 36)")),
        no(b"\xff\n", &format!("\u{fffd}: {missing}")),
        no(b"a\0b\n", "a\0b: file name contained an unexpected NUL byte"),
        no(b"", "there is no input: a path was expected"),
        no(b"\n", "the line is empty: a path was expected"),
        no(b"\r\n", "the line is empty: a path was expected"),
    ]
}

/// Asks all of the cases.
fn ask(command: impl Fn() -> Command) {
    let folder = folder();
    for (input, expected) in cases() {
        let output = run(command(), folder.path(), &input);
        let (stdout, stderr, code) = match &expected {
            Ok((byte, shown)) => {
                (format!("{PROMPT}The last byte is {byte} (0x{byte:02x}, \"{shown}\").\n"), String::new(), 0)
            }
            Err(words) => (PROMPT.to_owned(), format!("last-byte: {words}\n"), 1),
        };
        let said = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!((said, output.status.code()), ((stdout, stderr), Some(code)), "{:?}", OsStr::from_bytes(&input));
    }
}

#[test]
fn on_rusts_own_library_it_answers_every_input() {
    ask(|| Command::new(reference()));
}

#[test]
fn on_the_workspaces_library_it_answers_every_input() {
    let program = demo(LINUX);
    ask(|| Command::new(&program));
}

#[test]
fn for_arm64_it_answers_every_input() {
    let program = demo(ARM);
    ask(|| {
        let mut qemu = Command::new("qemu-aarch64");
        qemu.arg(&program);
        qemu
    });
}

/// The program on a kernel that has no io_uring, and what it asked of the kernel.
fn without_io_uring(program: &Path, calls: &Path) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["--follow-forks", "--string-limit=0", "--inject=io_uring_setup:error=ENOSYS", "--output"]);
    strace.arg(calls).arg("--").arg(program);
    strace
}

#[test]
fn without_io_uring_it_answers_every_input() {
    let (program, calls) = (demo(LINUX), tempfile::NamedTempFile::new().unwrap());
    ask(|| without_io_uring(&program, calls.path()));
}

#[test]
fn it_reads_one_byte_of_a_large_file_and_seeks_the_rest() {
    let (folder, calls) = (folder(), tempfile::NamedTempFile::new().unwrap());
    let output = run(without_io_uring(&demo(LINUX), calls.path()), folder.path(), b"sparse\n");
    assert!(output.status.success(), "{}", show(&output));
    let calls = fs::read_to_string(calls.path()).unwrap();
    // What another thread does in between may cut the line of the opening in two; that of the seeking is whole.
    let seek = calls.lines().find_map(|line| line.split_once(" lseek(")?.1.split_once(", -1, SEEK_END)"));
    let (descriptor, _) = seek.unwrap_or_else(|| panic!("it does not seek: {calls}"));
    let reads = calls.lines().filter(|line| {
        let call = line.split_whitespace().nth(1).unwrap_or_default();
        call.contains("read") && call.contains(&format!("({descriptor},"))
    });
    let counts: Vec<&str> = reads.map(|line| line.rsplit("= ").next().unwrap().trim()).collect();
    assert_eq!(counts, ["1"], "{calls}");
}

/// Runs each of both in a shell that arranges its streams, and compares all that is seen.
fn same_in_shell(script: &str) -> Output {
    let folder = folder();
    let outputs = [reference(), &demo(LINUX)].map(|program| {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).arg(program);
        run(shell, folder.path(), b"good\n")
    });
    let [theirs, ours] = outputs;
    assert_eq!((ours.status, show(&ours)), (theirs.status, show(&theirs)), "{script}");
    ours
}

#[test]
fn streams_that_are_closed_broken_or_full_are_as_on_rusts_own_library() {
    assert_eq!(same_in_shell("\"$0\" <&-").status.code(), Some(1));
    assert_eq!(same_in_shell("\"$0\" >&-").status.code(), Some(0));
    same_in_shell("echo missing | \"$0\" 2>&-; echo $?");
    same_in_shell("\"$0\" < good; echo $?");
    same_in_shell("\"$0\" < folder; echo $?");
    let full = same_in_shell("\"$0\" > /dev/full");
    assert!(show(&full).contains("cannot write to the console: No space left on device (os error 28)"));
    same_in_shell("\"$0\" > out < good; cat out");
}

#[test]
fn a_pipe_that_nobody_reads_is_told_and_kills_nobody() {
    let said = [reference(), &demo(LINUX)].map(|program| {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Command::new(program).stdin(Stdio::null()).stdout(writer).output().unwrap();
        (output.status, show(&output))
    });
    assert_eq!(said[0], said[1]);
    assert_eq!(said[1].1, "last-byte: cannot write to the console: Broken pipe (os error 32)\n");
}

#[test]
fn an_absolute_path_is_answered() {
    let folder = folder();
    let path = folder.path().join("a file with spaces");
    let output = run(Command::new(demo(LINUX)), Path::new("/"), path.as_os_str().as_bytes());
    assert!(show(&output).ends_with("The last byte is 115 (0x73, \"s\").\n"), "{}", show(&output));
}

#[test]
fn on_windows_it_answers_every_input() {
    let (folder, wine) = (folder(), tempfile::tempdir().unwrap());
    let program = demo(WINDOWS);
    let ask = |input: &[u8]| {
        let mut command = Command::new("wine");
        command.arg(&program).env("WINEPREFIX", wine.path()).env("WINEDEBUG", "-all");
        let output = run(command, folder.path(), input);
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr).into_owned(), output.status)
    };
    // Wine makes its folder first, and talks about it.
    ask(b"good\r\n");
    for (input, byte, shown) in [
        ("good\r\n", b'c', "c"),
        ("good", b'c', "c"),
        (".\\folder\\..\\binary\r\n", 0xff, "\\xff"),
        ("a file with spaces\r\n", b's', "s"),
        ("naïve – ファイル\r\n", b'u', "u"),
        ("sparse\r\n", b'!', "!"),
        ("huge\r\n", b'!', "!"),
    ] {
        let (stdout, stderr, status) = ask(input.as_bytes());
        assert_eq!(stdout, format!("{PROMPT}The last byte is {byte} (0x{byte:02x}, \"{shown}\").\n"), "{stderr}");
        assert!(status.success(), "{input}");
    }
    for (input, words) in [
        (&b"empty\r\n"[..], "last-byte: empty is empty: it has no last byte\n"),
        (b"folder\r\n", "last-byte: folder is a folder, not a file\n"),
        (b"missing\r\n", "last-byte: missing: "),
        (b"caf\xe9\r\n", "last-byte: the line is not Unicode: a path was expected\n"),
        (b"", "last-byte: there is no input: a path was expected\n"),
        (b"\r\n", "last-byte: the line is empty: a path was expected\n"),
    ] {
        let (stdout, stderr, status) = ask(input);
        assert_eq!((stdout.as_str(), status.code()), (PROMPT, Some(1)), "{stderr}");
        assert!(stderr.contains(words), "{stderr}");
    }
}
