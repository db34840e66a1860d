//! One program at a time: the one that the user talks to, and the one whose words we need ourselves.

use std::io::{self, Read};
use std::process::Stdio;
use std::thread;

use super::platform::{Foreground, Terminal};
use super::{Error, Program};
use crate::exit::Ending;
use crate::signals::{self, Listener};

/// Runs `program` with our terminal, input and output until it ends, and gives its end: to be passed on.
///
/// Signals that reach us meanwhile go to it. If one that asks for the end came before, nothing is started, and the end is
/// that signal: a sequence of runs stops by itself. After anything but success, the terminal gets back the settings that it
/// had before.
///
/// # Errors
/// It could not be started, or its end could not be learnt.
pub fn run(program: &Program) -> Result<Ending, Error> {
    let mut listener = Listener::new().map_err(|source| Error::lost(program, source))?;
    if let Some(signal) = signals::ending() {
        return Ok(Ending::Signal(signal));
    }
    let terminal = Terminal::save();
    let child = Foreground::spawn(&mut program.command()).map_err(|source| Error::start(program, source))?;
    let ending = child.attend(&mut listener).map_err(|source| Error::lost(program, source))?;
    terminal.restore_after(ending);
    Ok(ending)
}

/// What a program said, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captured {
    /// How it ended
    pub ending: Ending,
    /// All that it wrote to standard output
    pub stdout: Vec<u8>,
    /// All that it wrote to standard error
    pub stderr: Vec<u8>,
}

/// Runs `program` with nothing to read, and keeps what it writes, until it ends and nobody has its output open any more.
///
/// # Errors
/// As [`run`].
pub fn capture(program: &Program) -> Result<Captured, Error> {
    let lost = |source| Error::lost(program, source);
    let mut listener = Listener::new().map_err(lost)?;
    if let Some(signal) = signals::ending() {
        return Ok(Captured { ending: Ending::Signal(signal), stdout: Vec::new(), stderr: Vec::new() });
    }
    let mut command = program.command();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Foreground::spawn(&mut command).map_err(|source| Error::start(program, source))?;
    let streams = child.streams();
    let read = thread::scope(|scope| -> io::Result<_> {
        let stdout = thread::Builder::new().spawn_scoped(scope, || all_of(streams.0));
        let stderr = thread::Builder::new().spawn_scoped(scope, || all_of(streams.1));
        let ending = child.attend(&mut listener);
        // Whoever still holds the output may do so for long, and nobody is left for signals to go to but ourselves.
        drop(listener);
        Ok(Captured { stdout: joined(stdout?)?, stderr: joined(stderr?)?, ending: ending? })
    });
    read.map_err(lost)
}

fn all_of(stream: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    if let Some(mut stream) = stream {
        stream.read_to_end(&mut all)?;
    }
    Ok(all)
}

fn joined<T>(thread: thread::ScopedJoinHandle<'_, io::Result<T>>) -> io::Result<T> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::environment::Variables;

    fn sh(line: &str) -> Program {
        Program::new("/bin/sh", "/", Variables::of_process()).args(["-c", line])
    }

    #[test]
    fn the_end_of_a_program_is_passed_on() {
        assert_eq!(run(&sh("exit 0")).unwrap(), Ending::SUCCESS);
        assert_eq!(run(&sh("exit 41")).unwrap(), Ending::Code(41));
        assert_eq!(run(&sh("kill -USR2 $$")).unwrap(), Ending::Signal(libc::SIGUSR2));
    }

    #[test]
    fn both_streams_are_kept_apart_and_whole() {
        let captured = capture(&sh("head -c 300000 /dev/zero; head -c 200000 /dev/zero >&2; exit 3")).unwrap();
        assert_eq!((captured.stdout.len(), captured.stderr.len()), (300_000, 200_000));
        assert_eq!(captured.ending, Ending::Code(3));
        assert_eq!(capture(&sh("cat")).unwrap().ending, Ending::SUCCESS, "there is nothing to read");
    }

    #[test]
    fn why_a_program_does_not_start_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let start = |file: &str| run(&Program::new(folder.path().join(file), folder.path(), Variables::of_process()));
        let put = |file: &str, text: &str, mode| {
            let file = folder.path().join(file);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        };
        put("no-bit", "#!/bin/sh\n", 0o644);
        put("no-interpreter", "#!/no/such/interpreter\n", 0o755);
        put("no-format", "\x7fnothing", 0o755);
        let code = |file| start(file).unwrap_err().exit_code();
        assert_eq!(["missing", "no-bit", "no-interpreter", "no-format", "."].map(code), [127, 126, 126, 126, 126]);
        let Error::NotExecutable { help, .. } = start("no-interpreter").unwrap_err() else { panic!() };
        assert_eq!(help, "its first line asks for `/no/such/interpreter`, which is not there: install that");

        let nowhere = Program::new("/bin/sh", folder.path().join("gone"), Variables::of_process());
        assert!(matches!(run(&nowhere), Err(Error::Folder { .. })));
        let nul = Program::new("/bin/sh", "/", Variables::of_process()).arg("a\0b");
        assert!(matches!(run(&nul), Err(Error::Nul { .. })));
    }

    #[test]
    fn a_shell_gets_arguments_as_they_are() {
        let args = ["a b".into(), "$HOME".into(), "'\"".into(), std::ffi::OsString::new()];
        let shown =
            |program: Result<Program, Error>| String::from_utf8(capture(&program.unwrap()).unwrap().stdout).unwrap();
        let line = std::ffi::OsStr::new("printf '%s|' \"$2\" $#");
        assert_eq!(shown(Program::shell(line, &args, "/", Variables::of_process())), "$HOME|4|");
        let line = std::ffi::OsStr::new("printf '%s|'");
        assert_eq!(shown(Program::script(line, &args, "/", Variables::of_process())), "a b|$HOME|'\"||");
    }

    #[test]
    fn a_child_gets_the_variables_and_the_folder_that_are_named_and_no_others() {
        let mut variables = Variables::default();
        variables.set("ONLY", "this");
        let program = Program::new("/usr/bin/env", "/usr", variables);
        assert_eq!(capture(&program).unwrap().stdout, b"ONLY=this\n");
        let program = Program::new("/bin/pwd", "/usr", Variables::default()).arg("-P");
        assert_eq!(capture(&program).unwrap().stdout, b"/usr\n");
    }
}
