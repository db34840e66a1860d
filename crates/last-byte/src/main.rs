//! Asks for a path and prints the last byte of the file that lies there.
//!
//! The exit code is 0 if a byte was printed, and 1 if there was none to print: a message on the standard error says
//! why. The path is one line of the standard input, any bytes that the system takes; its newline, or carriage return
//! and newline, does not belong to it.
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
        Err(message) => {
            eprintln!("last-byte: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Asks and looks. The error is the sentence for the user.
fn run() -> Result<u8, String> {
    print!("Path of a file: ");
    io::stdout().flush().map_err(|error| format!("cannot write to the console: {error}"))?;
    let mut line = Vec::new();
    let count = io::stdin().lock().read_until(b'\n', &mut line);
    if count.map_err(|error| format!("cannot read from the console: {error}"))? == 0 {
        return Err("there is no input: a path was expected".to_owned());
    }
    let end = line.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n'));
    line.truncate(end.map_or(0, |last| last + 1));
    if line.is_empty() {
        return Err("the line is empty: a path was expected".to_owned());
    }
    let path = path(line)?;
    last_byte(&path).map_err(|problem| format!("{}: {problem}", path.display()))
}

/// A path of any bytes.
#[cfg(unix)]
fn path(bytes: Vec<u8>) -> Result<PathBuf, String> {
    use std::os::unix::ffi::OsStringExt;
    Ok(<std::ffi::OsString as OsStringExt>::from_vec(bytes).into())
}

/// A path of Unicode: that is what a console gives.
#[cfg(not(unix))]
fn path(bytes: Vec<u8>) -> Result<PathBuf, String> {
    String::from_utf8(bytes).map(PathBuf::from).map_err(|_| "the path is not Unicode".to_owned())
}

/// The file's last byte. The rest of it is not read.
fn last_byte(path: &Path) -> Result<u8, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if metadata.is_dir() {
        return Err("is a folder, not a file".to_owned());
    }
    // Opening anything else might wait for somebody at the other end.
    if !metadata.is_file() {
        return Err("is not a regular file".to_owned());
    }
    read_last_byte(path).map_err(|error| error.to_string())?.ok_or_else(|| "is empty: it has no last byte".to_owned())
}

fn read_last_byte(path: &Path) -> io::Result<Option<u8>> {
    let mut file = File::open(path)?;
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(None);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut byte = [0];
    file.read_exact(&mut byte)?;
    Ok(Some(byte[0]))
}
