//! Asks for a path and prints the last byte of the file that lies there.
//!
//! The path is one line of the standard input, any bytes that the system takes; its newline, or carriage return and
//! newline, does not belong to it. The exit code is 0 if a byte was printed, and 1 if there was none to print: a
//! message on the standard error says why.
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(byte) => {
            println!("The last byte is {byte} (0x{byte:02x}, \"{}\").", byte.escape_ascii());
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("last-byte: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Why there was no byte to print.
enum Problem {
    Line(&'static str),
    Console(&'static str, io::Error),
    File(PathBuf, &'static str),
    System(PathBuf, io::Error),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(what) => write!(f, "{what}: a path was expected"),
            Self::Console(what, error) => write!(f, "cannot {what} the console: {error}"),
            Self::File(path, what) => write!(f, "{} {what}", path.display()),
            Self::System(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

fn run() -> Result<u8, Problem> {
    let path = ask()?;
    match last_byte(&path) {
        Ok(Ok(byte)) => Ok(byte),
        Ok(Err(what)) => Err(Problem::File(path, what)),
        Err(error) => Err(Problem::System(path, error)),
    }
}

/// Reads a path from the console.
fn ask() -> Result<PathBuf, Problem> {
    print!("Path of a file: ");
    io::stdout().flush().map_err(|error| Problem::Console("write to", error))?;
    let mut line = Vec::new();
    let count = io::stdin().lock().read_until(b'\n', &mut line);
    if count.map_err(|error| Problem::Console("read from", error))? == 0 {
        return Err(Problem::Line("there is no input"));
    }
    while let [.., b'\r' | b'\n'] = *line {
        line.pop();
    }
    if line.is_empty() {
        return Err(Problem::Line("the line is empty"));
    }
    path(line)
}

/// A path of any bytes.
#[cfg(unix)]
fn path(bytes: Vec<u8>) -> Result<PathBuf, Problem> {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    Ok(<OsString as OsStringExt>::from_vec(bytes).into())
}

/// A path of Unicode: that is what a console gives.
#[cfg(not(unix))]
fn path(bytes: Vec<u8>) -> Result<PathBuf, Problem> {
    String::from_utf8(bytes).map(PathBuf::from).map_err(|_| Problem::Line("the line is not Unicode"))
}

/// The file's last byte, or why it has none. The rest of the file is not read.
fn last_byte(path: &Path) -> io::Result<Result<u8, &'static str>> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Ok(Err("is a folder, not a file"));
    }
    // Opening anything else might wait for somebody at the other end.
    if !metadata.is_file() {
        return Ok(Err("is not a regular file"));
    }
    let mut file = File::open(path)?;
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(Err("is empty: it has no last byte"));
    }
    file.seek(SeekFrom::End(-1))?;
    let mut byte = [0];
    file.read_exact(&mut byte)?;
    Ok(Ok(byte[0]))
}
