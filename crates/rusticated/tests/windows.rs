//! What only Windows has: handles that may leak, long paths, files that others have open.
#![cfg(windows)]
#![allow(unsafe_code, reason = "asks the system how many handles there are")]
use std::time::Duration;

use rusticated::io::{self, AsyncRead, AsyncWrite};
use rusticated::net::{TcpListener, TcpStream};
use rusticated::process::{Command, Stdio};
use rusticated::time::timeout;
use rusticated::{fs, rt};
use support::{Folder, run};

mod support;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    fn GetProcessHandleCount(process: isize, count: *mut u32) -> i32;
}

fn handles() -> u32 {
    let mut count = 0;
    // SAFETY: writes to the place; -1 is this process.
    assert_ne!(unsafe { GetProcessHandleCount(-1, &raw mut count) }, 0);
    count
}

/// Runs a test of this file in a process of its own; true in that process.
fn alone(name: &str) -> bool {
    if std::env::var_os("ALONE").is_some() {
        return true;
    }
    let me = std::env::current_exe().unwrap();
    let status = std::process::Command::new(me).args(["--exact", name]).env("ALONE", "1").status();
    assert!(status.unwrap().success());
    false
}

async fn all_kinds_of_things(folder: &Folder) -> io::Result<()> {
    const SHORT: Duration = Duration::from_millis(1);
    fs::write(folder.path("file"), b"x").await?;
    let _ = rt::select(fs::read(folder.path("file")), rt::yield_now()).await;
    let (mut reader, mut writer) = io::pipe()?;
    assert!(timeout(SHORT, reader.read(Vec::with_capacity(9))).await.is_err());
    writer.write(b"x".to_vec()).await.0?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    assert!(timeout(SHORT, listener.accept()).await.is_err());
    let (client, server) = rt::join(TcpStream::connect(listener.local_addr()?), listener.accept()).await;
    let (_client, (mut server, _)) = (client?, server?);
    assert!(timeout(SHORT, server.read(Vec::with_capacity(9))).await.is_err());
    let mut child =
        Command::new("cmd").args(["/c", "set", "/p", "x="]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().await?;
    let stdin = child.stdin.take();
    assert!(timeout(SHORT, child.wait()).await.is_err());
    drop(stdin);
    child.wait().await?;
    let mut entries = fs::read_dir(folder.path("")).await?;
    entries.next().await?;
    Ok(())
}

#[test]
fn no_handle_is_left_by_what_was_used_or_given_up() {
    if !alone("no_handle_is_left_by_what_was_used_or_given_up") {
        return;
    }
    let folder = Folder::new();
    run(async {
        // The system makes some for itself the first times.
        for _ in 0..5 {
            all_kinds_of_things(&folder).await?;
        }
        let before = handles();
        for _ in 0..20 {
            all_kinds_of_things(&folder).await?;
        }
        // Threads of the system's pool come and go.
        let after = handles();
        assert!(after < before + 15, "{before} handles became {after}");
        Ok(())
    });
}

#[test]
fn no_handle_is_left_by_a_thread_that_ended() {
    if !alone("no_handle_is_left_by_a_thread_that_ended") {
        return;
    }
    let threads = || {
        for _ in 0..20 {
            std::thread::spawn(|| {
                run(async {
                    let (mut reader, writer) = io::pipe()?;
                    rt::spawn(async move {
                        let _ = reader.read(Vec::with_capacity(9)).await;
                        drop(writer);
                    });
                    rt::yield_now().await;
                    fs::metadata(".").await.map(drop)
                });
            })
            .join()
            .unwrap();
        }
    };
    threads();
    let before = handles();
    threads();
    let after = handles();
    assert!(after < before + 10, "{before} handles became {after}");
}

#[test]
fn paths_longer_than_the_old_limit_work() {
    let folder = Folder::new();
    let deep = format!("{}\\{}", folder.path("deep"), vec!["f".repeat(50); 10].join("\\"));
    run(async {
        fs::create_dir_all(&deep).await?;
        let file = format!("{deep}\\file");
        fs::write(&file, b"deep").await?;
        assert_eq!(fs::read(&file).await?, b"deep");
        fs::rename(&file, format!("{deep}\\other")).await?;
        let entry = fs::read_dir(&deep).await?.next().await?.unwrap();
        assert_eq!(entry.file_name(), "other");
        assert_eq!(entry.metadata().await?.len(), 4);
        fs::remove_dir_all(folder.path("deep")).await?;
        assert!(!fs::try_exists(folder.path("deep")).await?);
        Ok(())
    });
}

#[test]
fn read_only_files_are_removed_as_std_removes_them() {
    let folder = Folder::new();
    run(async {
        fs::create_dir(folder.path("in")).await?;
        for name in ["file", "in\\file"] {
            fs::write(folder.path(name), b"x").await?;
            let mut permissions = fs::metadata(folder.path(name)).await?.permissions();
            permissions.set_readonly(true);
            fs::set_permissions(folder.path(name), permissions).await?;
            assert!(fs::metadata(folder.path(name)).await?.permissions().readonly());
        }
        let removed = (std::fs::remove_file(folder.path("file")).is_ok(), {
            fs::write(folder.path("other"), b"x").await?;
            let mut permissions = fs::metadata(folder.path("other")).await?.permissions();
            permissions.set_readonly(true);
            fs::set_permissions(folder.path("other"), permissions).await?;
            fs::remove_file(folder.path("other")).await.is_ok()
        });
        assert_eq!(removed.0, removed.1);
        Ok(())
    });
    // The folder itself could not be removed with them under older systems.
    for name in ["file", "other", "in\\file"] {
        if let Ok(known) = std::fs::metadata(folder.path(name)) {
            let mut permissions = known.permissions();
            #[allow(clippy::permissions_set_readonly_false, reason = "Windows has no others to let write")]
            permissions.set_readonly(false);
            std::fs::set_permissions(folder.path(name), permissions).unwrap();
        }
    }
}

#[test]
fn a_batch_file_gets_its_arguments_and_nothing_is_started_by_them() {
    let folder = Folder::new();
    std::fs::write(folder.path("show me.bat"), "@echo off\r\necho [%~1]\r\n").unwrap();
    run(async {
        for (argument, shown) in [("plain", "[plain]"), ("two words", "[two words]")] {
            let output = Command::new(folder.path("show me.bat")).arg(argument).output().await?;
            assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), shown);
        }
        let error = Command::new(folder.path("show me.bat")).arg("a\nb").output().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        Ok(())
    });
}
