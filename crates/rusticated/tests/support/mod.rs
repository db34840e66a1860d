//! What the tests share. Every test file takes what it needs.
#![allow(dead_code, reason = "no test file needs all of it")]
use rusticated::io::{self, AsyncRead, AsyncWrite};

/// Runs a test's future on this thread's runtime.
pub(crate) fn run<T>(future: impl Future<Output = io::Result<T>>) -> T {
    rusticated::rt::block_on(future).unwrap()
}

/// How this very program is started: by its name; through the emulator where this machine cannot run it.
pub(crate) fn me() -> Vec<String> {
    let me = std::env::current_exe().unwrap();
    // A list of tests is the least that it can do.
    let started = std::process::Command::new(&me).arg("--list").stdout(std::process::Stdio::null()).status();
    let mut words = Vec::new();
    // Under the emulator, std learns of a failed start only from the exit code.
    if cfg!(target_os = "linux") && !started.is_ok_and(|status| status.success()) {
        let machine = std::env::consts::ARCH;
        // With that machine's loader and libc, where Debian has them.
        words.extend([format!("qemu-{machine}"), "-L".to_owned(), format!("/usr/{machine}-linux-gnu")]);
    }
    words.push(me.into_os_string().into_string().unwrap());
    words
}

/// A new folder, removed when dropped, and how to name something in it.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The path of something in it, as text.
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }
}

/// Writes all of it, however often that takes.
pub(crate) async fn write_all(to: &mut impl AsyncWrite, bytes: &[u8]) -> io::Result<()> {
    let mut rest = bytes.to_vec();
    while !rest.is_empty() {
        let (count, back) = to.write(rest).await;
        rest = back;
        let count = count?;
        assert_ne!(count, 0, "a write of something took nothing");
        rest.drain(..count);
    }
    Ok(())
}

/// Reads so many bytes, or up to the end.
pub(crate) async fn read_up_to(from: &mut impl AsyncRead, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() < count {
        let (read, part) = from.read(Vec::with_capacity(count - bytes.len())).await;
        assert_eq!(*read.as_ref().unwrap_or(&part.len()), part.len());
        if read? == 0 {
            break;
        }
        bytes.extend(part);
    }
    Ok(bytes)
}
