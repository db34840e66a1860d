//! What only Linux has, or what only there can be asked for without a lock around all tests: each runs in a process of
//! its own, on whatever backend that chooses.
#![cfg(target_os = "linux")]
use std::process::Command;
use std::time::Duration;

use rusticated::fs::File;
use rusticated::io::{self, AsyncRead, AsyncWrite};
use rusticated::net::{TcpListener, TcpStream};
use rusticated::rt;
use rusticated::time::sleep;
use support::{Folder, run};

mod support;

/// Runs a test again, in a process of its own after some words for a shell; true in there.
fn alone(name: &str, before: &str) -> bool {
    if std::env::var_os("ALONE").is_some() {
        return true;
    }
    let words = support::me();
    let script = format!("{before}\nexec \"$@\"");
    let status = Command::new("sh")
        .args(["-c", &script, "sh"])
        .args(words)
        .args(["--exact", name, "--nocapture"])
        .env("ALONE", "1")
        .status()
        .unwrap();
    assert!(status.success());
    false
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn make_fifos(folder: &Folder, count: usize) -> Vec<String> {
    let paths: Vec<_> = (0..count).map(|nth| folder.path(&format!("fifo{nth}"))).collect();
    assert!(Command::new("mkfifo").args(&paths).status().unwrap().success());
    paths
}

#[test]
fn running_out_of_descriptors_is_an_error_and_no_more() {
    if !alone("running_out_of_descriptors_is_an_error_and_no_more", "ulimit -n 64") {
        return;
    }
    let folder = Folder::new();
    std::fs::write(folder.path("file"), b"x").unwrap();
    const EMFILE: i32 = 24;
    run(async {
        let file = File::open(folder.path("file")).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let client = TcpStream::connect(listener.local_addr()?).await?;
        for _ in 0..2 {
            let mut pipes = Vec::new();
            let error = loop {
                match io::pipe() {
                    Ok(pipe) => pipes.push(pipe),
                    Err(error) => break error,
                }
            };
            assert_eq!(error.raw_os_error(), Some(EMFILE));
            let mut files = Vec::new();
            let error = loop {
                match File::open(folder.path("file")).await {
                    Ok(file) => files.push(file),
                    Err(error) => break error,
                }
            };
            assert_eq!(error.raw_os_error(), Some(EMFILE));
            assert_eq!(listener.accept().await.err().and_then(|error| error.raw_os_error()), Some(EMFILE));
            let error = rusticated::process::Command::new("true").spawn().await.unwrap_err();
            assert_eq!(error.raw_os_error(), Some(EMFILE));
            // What is open goes on.
            let (count, bytes) = file.read_at(Vec::with_capacity(8), 0).await;
            assert_eq!((count?, bytes), (1, b"x".to_vec()));
            assert_eq!(file.metadata().await?.len(), 1);
        }
        drop(listener.accept().await?);
        drop(client);
        assert!(rusticated::process::Command::new("true").status().await?.success());
        Ok(())
    });
}

// The emulator has a thread of its own beside ours, which keeps its credentials.
#[cfg(target_arch = "x86_64")]
#[test]
fn a_change_of_credentials_reaches_the_workers() {
    if !alone("a_change_of_credentials_reaches_the_workers", "") {
        return;
    }
    #[allow(unsafe_code, reason = "what changes the whole process is the libc's")]
    unsafe extern "C" {
        safe fn geteuid() -> u32;
        safe fn setuid(user: u32) -> i32;
    }
    let users = || {
        let of_thread = |thread: std::io::Result<std::fs::DirEntry>| {
            let status = std::fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
            status.lines().find(|line| line.starts_with("Uid:")).unwrap().to_owned()
        };
        std::fs::read_dir("/proc/self/task").unwrap().map(of_thread).collect::<Vec<_>>()
    };
    let before = users().len();
    run(async {
        // Workers list folders on every backend, and then wait for more to do.
        rusticated::fs::read_dir("/proc/self").await?.next().await?;
        assert!(users().len() > before);
        // Who may become nobody does. For others nothing changes, but each thread is asked as well.
        let nobody = if geteuid() == 0 { 65534 } else { geteuid() };
        assert_eq!(setuid(nobody), 0);
        let theirs = format!("Uid:\t{nobody}\t{nobody}\t{nobody}\t{nobody}");
        assert!(users().iter().all(|user| *user == theirs), "{:?}", users());
        rusticated::fs::read_dir("/proc/self").await?.next().await
    });
}

#[test]
fn opens_that_wait_for_somebody_else_stop_nobody() {
    if !alone("opens_that_wait_for_somebody_else_stop_nobody", "") {
        return;
    }
    let folder = Folder::new();
    let fifos = make_fifos(&folder, 40);
    run(async {
        let opening: Vec<_> = fifos.iter().map(|fifo| rt::spawn(File::open(fifo.clone()))).collect();
        // Whatever takes a thread is done beside them.
        for _ in 0..20 {
            rusticated::fs::write(folder.path("file"), b"text").await?;
            assert_eq!(rusticated::fs::metadata(folder.path("file")).await?.len(), 4);
            let mut folder = rusticated::fs::read_dir(folder.path("")).await?;
            while folder.next().await?.is_some() {}
        }
        // They end when the other side comes.
        for (nth, (fifo, opening)) in fifos.iter().zip(opening).enumerate() {
            let mut writer = File::options().write(true).open(fifo).await?;
            let mut reader = opening.await.unwrap()?;
            writer.write(vec![nth as u8]).await.0?;
            assert_eq!(reader.read(Vec::with_capacity(8)).await.1, [nth as u8]);
            drop(writer);
            assert_eq!(reader.read(Vec::with_capacity(8)).await.0?, 0);
        }
        Ok(())
    });
}

#[test]
fn opens_that_were_dropped_while_they_wait_leave_nothing_open() {
    if !alone("opens_that_were_dropped_while_they_wait_leave_nothing_open", "") {
        return;
    }
    let folder = Folder::new();
    let fifos = make_fifos(&folder, 10);
    run(async {
        for fifo in &fifos {
            // The first use of everything opens what stays open.
            drop(rt::select(File::open(fifo.clone()), sleep(Duration::from_millis(1))).await);
        }
        let before = descriptors();
        for fifo in &fifos {
            drop(rt::select(File::open(fifo.clone()), sleep(Duration::from_millis(1))).await);
        }
        // Those that went on alone meet a writer, and are closed again.
        for fifo in &fifos {
            const O_NONBLOCK: u32 = 0o4_000;
            let mut options = File::options();
            let _ = options.write(true).custom_flags(O_NONBLOCK).open(fifo).await;
        }
        while descriptors() != before {
            sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    });
}

#[test]
fn a_thread_ends_though_an_open_of_its_waits_for_ever() {
    let folder = Folder::new();
    let fifos = make_fifos(&folder, 3);
    std::thread::spawn(move || {
        run(async {
            for fifo in fifos {
                rt::spawn(File::open(fifo));
            }
            rt::yield_now().await;
            sleep(Duration::from_millis(1)).await;
            Ok(())
        });
    })
    .join()
    .unwrap();
}

#[test]
fn a_listener_that_is_dropped_with_an_accept_in_flight_frees_its_address_at_once() {
    // Children that other tests start hold all descriptors for a moment.
    if !alone("a_listener_that_is_dropped_with_an_accept_in_flight_frees_its_address_at_once", "") {
        return;
    }
    run(async {
        let mut address = "127.0.0.1:0".parse().unwrap();
        for _ in 0..20 {
            let listener = TcpListener::bind(address).await?;
            address = listener.local_addr()?;
            let waited = rt::select(listener.accept(), sleep(Duration::from_millis(1))).await;
            assert!(matches!(waited, rt::Either::Right(())));
        }
        Ok(())
    });
}

#[test]
fn standard_input_that_others_share_is_not_told_to_refuse_waiting() {
    use std::io::{BufRead, Read, Write};
    const TOLD: &str = "the first line was read";
    if std::env::var_os("ALONE").is_none() {
        let name = "standard_input_that_others_share_is_not_told_to_refuse_waiting";
        // The pipe is one for both: what the first does to it, the second sees.
        let mut shell = Command::new("sh")
            .args(["-c", "\"$@\" && exec cat", "sh"])
            .args(support::me())
            .args(["--exact", name, "--nocapture"])
            .env("ALONE", "1")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = shell.stdin.take().unwrap();
        let mut output = std::io::BufReader::new(shell.stdout.take().unwrap());
        input.write_all(b"first\n").unwrap();
        let told = output.by_ref().lines().any(|line| line.unwrap().contains(TOLD));
        assert!(told, "the first line was not read");
        input.write_all(b"second\n").unwrap();
        drop(input);
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        assert!(shell.wait().unwrap().success() && rest.ends_with("second\n"), "{rest}");
        return;
    }
    run(async {
        let (count, bytes) = io::stdin().read(Vec::with_capacity(64)).await;
        assert_eq!((count?, bytes), (6, b"first\n".to_vec()));
        println!("{TOLD}");
        Ok(())
    });
}

/// Lets the kernel refuse some system calls on this thread, and those that it starts, with an error.
#[allow(unsafe_code, reason = "a filter of system calls is set by system calls")]
fn refuse(calls: &[u32], error: u32) {
    #[repr(C)]
    struct Filter(u16, u8, u8, u32);
    #[repr(C)]
    struct Program(u16, *const Filter);
    unsafe extern "C" {
        fn prctl(option: i32, ...) -> i32;
    }
    const LOAD: u16 = 0x20;
    const JUMP_IF_EQUAL: u16 = 0x15;
    const JUMP_IF_SET: u16 = 0x45;
    const FIRST_ARGUMENT: u32 = 16;
    const CLONE_PIDFD: u32 = 0x1000;
    const RETURN: u16 = 0x06;
    const ALLOW: u32 = 0x7fff_0000;
    const ERROR: u32 = 0x0005_0000;
    const PR_SET_SECCOMP: i32 = 22;
    const PR_SET_NO_NEW_PRIVS: i32 = 38;
    let mut filters = vec![Filter(LOAD, 0, 0, 0)];
    for call in calls {
        filters.push(Filter(JUMP_IF_EQUAL, 0, 1, *call));
        filters.push(Filter(RETURN, 0, 0, ERROR | error));
    }
    if calls.contains(&PIDFD_OPEN) {
        // Then a clone does not know the flag either.
        filters.push(Filter(JUMP_IF_EQUAL, 0, 3, CLONE));
        filters.push(Filter(LOAD, 0, 0, FIRST_ARGUMENT));
        filters.push(Filter(JUMP_IF_SET, 0, 1, CLONE_PIDFD));
        filters.push(Filter(RETURN, 0, 0, ERROR | EINVAL));
    }
    filters.push(Filter(RETURN, 0, 0, ALLOW));
    let program = Program(filters.len() as u16, filters.as_ptr());
    // SAFETY: the kernel reads the program only.
    let set = unsafe {
        prctl(PR_SET_NO_NEW_PRIVS, 1usize, 0usize, 0usize, 0usize);
        prctl(PR_SET_SECCOMP, 2usize, &raw const program)
    };
    // The emulator has no filters, nor most of what is refused here.
    assert!(set == 0 || cfg!(not(target_arch = "x86_64")));
}

/// A little of everything that waits.
fn use_everything() {
    let folder = Folder::new();
    run(async {
        rusticated::fs::write(folder.path("file"), b"text").await?;
        assert_eq!(rusticated::fs::read(folder.path("file")).await?, b"text");
        let (mut reader, mut writer) = io::pipe()?;
        let (read, written) = rt::join(reader.read(Vec::with_capacity(8)), writer.write(b"pipe".to_vec())).await;
        assert_eq!((read.0?, read.1, written.0?), (4, b"pipe".to_vec(), 4));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (client, server) = rt::join(TcpStream::connect(listener.local_addr()?), listener.accept()).await;
        drop(client?);
        assert_eq!(server?.0.read(Vec::with_capacity(8)).await.0?, 0);
        let mut child = rusticated::process::Command::new("sh");
        assert_eq!(child.args(["-c", "exit 7"]).status().await?.code(), Some(7));
        let missing = rusticated::process::Command::new("/no/such/program").spawn().await.unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        sleep(Duration::from_micros(1500)).await;
        Ok(())
    });
}

const IO_URING: [u32; 3] = [425, 426, 427];
const CLONE: u32 = 56;
const PIDFD_OPEN: u32 = 434;
const CLONE3: u32 = 435;
const EPOLL_PWAIT2: u32 = 441;
const EPERM: u32 = 1;
const EINVAL: u32 = 22;
const ENOSYS: u32 = 38;

#[test]
fn where_io_uring_is_forbidden_epoll_does_it() {
    if !alone("where_io_uring_is_forbidden_epoll_does_it", "") {
        return;
    }
    refuse(&IO_URING, EPERM);
    assert_eq!(rt::backend_name(), "epoll");
    use_everything();
}

#[test]
fn a_filter_that_does_not_know_epoll_pwait2_stops_nobody() {
    if !alone("a_filter_that_does_not_know_epoll_pwait2_stops_nobody", "") {
        return;
    }
    refuse(&[&IO_URING[..], &[EPOLL_PWAIT2]].concat(), EPERM);
    use_everything();
}

// The emulator has no filters, so that the read would wait for ever.
#[cfg(target_arch = "x86_64")]
#[test]
fn what_epoll_has_no_room_for_is_done_at_once_or_an_error() {
    if !alone("what_epoll_has_no_room_for_is_done_at_once_or_an_error", "") {
        return;
    }
    const EPOLL_CTL: u32 = 233;
    const ENOSPC: u32 = 28;
    let folder = Folder::new();
    let fifos = make_fifos(&folder, 1);
    refuse(&[&IO_URING[..], &[EPOLL_CTL]].concat(), ENOSPC);
    run(async {
        // The workers' bell would not be heard.
        rusticated::fs::read_dir(folder.path("")).await?.next().await?;
        // Nothing is in the pipe, and nothing could tell when there is.
        let mut fifo = File::options().read(true).write(true).open(&fifos[0]).await?;
        let error = fifo.read(Vec::with_capacity(8)).await.0.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(ENOSPC as i32));
        Ok(())
    });
}

#[test]
fn an_old_kernel_has_enough() {
    if !alone("an_old_kernel_has_enough", "") {
        return;
    }
    refuse(&[&IO_URING[..], &[PIDFD_OPEN, CLONE3, EPOLL_PWAIT2]].concat(), ENOSYS);
    assert_eq!(rt::backend_name(), "epoll");
    use_everything();
    // Without pidfds, workers wait for children: for as many as there are, and the wait can be given up.
    run(async {
        let mut children = Vec::new();
        for _ in 0..10 {
            let mut cat = rusticated::process::Command::new("cat");
            children.push(cat.stdin(rusticated::process::Stdio::piped()).spawn().await?);
        }
        let mut inputs: Vec<_> = children.iter_mut().map(|child| child.stdin.take()).collect();
        for child in &mut children {
            assert!(rusticated::time::timeout(Duration::from_millis(1), child.wait()).await.is_err());
        }
        let folder = Folder::new();
        rusticated::fs::write(folder.path("file"), b"beside them").await?;
        for (child, input) in children.iter_mut().zip(&mut inputs) {
            drop(input.take());
            assert!(child.wait().await?.success());
        }
        Ok(())
    });
}
