//! The demo at a terminal: the prompt is there before anybody types.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::built::{LINUX, demo, reference};

/// What is said at a terminal where this line is typed when the prompt is seen, and the exit code.
fn converse(program: &Path, line: &[u8]) -> (String, Option<i32>) {
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&controller).unwrap();
    unlockpt(&controller).unwrap();
    let name = ptsname(&controller, Vec::new()).unwrap().into_string().unwrap();
    let terminal = || File::options().read(true).write(true).open(&name).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good"), "abc").unwrap();
    let mut command = Command::new(program);
    command.current_dir(folder.path()).stdin(terminal()).stdout(terminal()).stderr(terminal());
    let mut child = command.spawn().unwrap();
    drop(command); // with its ends of the terminal: the child's are the last
    let mut console = File::from(controller);
    let mut said = Vec::new();
    let mut block = [0; 256];
    while !said.ends_with(b"Path of a file: ") {
        let count = console.read(&mut block).unwrap();
        assert_ne!(count, 0, "{}", String::from_utf8_lossy(&said));
        said.extend_from_slice(&block[..count]);
    }
    console.write_all(line).unwrap();
    // At the end a terminal's controller gets an error, not an end.
    while let Ok(count @ 1..) = console.read(&mut block) {
        said.extend_from_slice(&block[..count]);
    }
    (String::from_utf8(said).unwrap(), child.wait().unwrap().code())
}

/// On both libraries alike.
#[track_caller]
fn answers(line: &[u8], said: &str, code: i32) {
    for program in [reference(), &demo(LINUX)] {
        assert_eq!(converse(program, line), (said.to_owned(), Some(code)), "{}", program.display());
    }
}

#[test]
fn it_asks_and_answers() {
    answers(b"good\n", "Path of a file: good\r\nThe last byte is 99 (0x63, \"c\").\r\n", 0);
}

#[test]
fn the_end_of_input_is_told() {
    const CTRL_D: &[u8] = b"\x04";
    answers(CTRL_D, "Path of a file: last-byte: there is no input: a path was expected\r\n", 1);
}

#[test]
fn what_was_corrected_is_not_part_of_the_path() {
    const ERASE: &str = "\x7f";
    let line = format!("gox{ERASE}od\n");
    answers(line.as_bytes(), "Path of a file: gox\u{8} \u{8}od\r\nThe last byte is 99 (0x63, \"c\").\r\n", 0);
}

#[test]
fn a_control_character_can_be_part_of_the_path() {
    // Ctrl-V takes what follows for a character.
    answers(
        b"\x16\x03\n",
        "Path of a file: ^\u{8}^C\r\nlast-byte: \u{3}: No such file or directory (os error 2)\r\n",
        1,
    );
}
