//! One run at a time owns a workspace's state. The lock is the system's, so it
//! goes with its process, however that ends.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use super::{ExecuteError, Sink};
use crate::event::Event;

/// How long a second run waits for the first, in steps of a tenth of a second.
const PATIENCE: u32 = 600;

/// The lock's name in the tool's folder. Whoever empties the folder leaves it: others may be waiting at it.
pub const FILE: &str = "lock";

/// The held lock.
#[derive(Debug)]
pub struct Held(#[expect(dead_code, reason = "held until dropped")] File);

/// Takes the lock, waiting a while for whoever holds it, and saying so.
///
/// # Errors
/// Somebody else has it for too long, or the file cannot be used.
pub fn acquire(state: &Path, sink: Sink<'_>) -> Result<Held, ExecuteError> {
    let path = state.join(FILE);
    let failed = |source: io::Error| ExecuteError::State { path: path.clone(), source };
    let mut file = open(&path).map_err(failed)?;
    let mut announced = false;
    for _ in 0..PATIENCE {
        match file.try_lock() {
            Ok(()) if !is_at(&file, &path) => {
                // The whole folder was removed meanwhile, as `cargo clean` does: a lock that nobody finds holds nobody.
                fs::create_dir_all(state).map_err(failed)?;
                file = open(&path).map_err(failed)?;
            }
            Ok(()) => {
                // For whoever comes second; a failure to write it harms nobody.
                let _no_name_then = file.set_len(0).and_then(|()| file.rewind());
                let _no_name_then = write!(file, "process {}", std::process::id());
                return Ok(Held(file));
            }
            Err(std::fs::TryLockError::Error(source)) => return Err(failed(source)),
            Err(std::fs::TryLockError::WouldBlock) => {
                if !announced {
                    sink(Event::Note { text: format!("waiting for another build-tool here: {}", holder(&mut file)) });
                    announced = true;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
    Err(ExecuteError::Locked { holder: holder(&mut file) })
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path)
}

/// Whether the open file is still the one at `path`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let there = fs::metadata(path).map(place).ok();
    there.is_some() && there == file.metadata().map(place).ok()
}

#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    // There an open file cannot be removed.
    true
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(100).read_to_string(&mut text));
    if read.is_ok() && !text.is_empty() { text } else { "unknown process".to_owned() }
}
