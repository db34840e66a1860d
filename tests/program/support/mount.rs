//! Small and read-only file systems, for full disks and folders that nobody
//! may write. Mounting takes root; elsewhere such a test is skipped, loudly.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A mounted tmpfs; unmounted when dropped.
pub(crate) struct Mount(PathBuf);

impl Mount {
    /// Mounts a tmpfs with these options; `None`, and said so, where the system refuses.
    pub(crate) fn tmpfs(at: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let output = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output();
        match output {
            Ok(output) if output.status.success() => Some(Self(at.to_owned())),
            Ok(output) => skipped(&String::from_utf8_lossy(&output.stderr)),
            Err(error) => skipped(&error.to_string()),
        }
    }

    /// From now on nobody can write to it.
    pub(crate) fn read_only(&self) {
        let status = Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).status().unwrap();
        assert!(status.success(), "remount read-only: {status}");
    }
}

/// Straight to standard error, where the harness cannot swallow it.
fn skipped<T>(why: &str) -> Option<T> {
    let name = std::thread::current().name().unwrap_or("a test").to_owned();
    let text = format!("\nSKIPPED, NOT PROVED: {name}: cannot mount a tmpfs (takes root): {}\n", why.trim());
    std::io::stderr().write_all(text.as_bytes()).unwrap();
    None
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _may_be_busy = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}
