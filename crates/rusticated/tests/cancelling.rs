//! Futures that are dropped while the kernel works for them.
use core::time::Duration;
use std::rc::Rc;

use rusticated::fs::File;
use rusticated::io::{self, AsyncRead, AsyncWrite};
use rusticated::net::{TcpListener, TcpStream, UdpSocket};
use rusticated::rt::{self, Either};
#[cfg(target_os = "linux")]
use rusticated::time::sleep;
use rusticated::time::timeout;
use support::{Folder, run};

mod support;

/// Long enough for whatever is to be cut off, which waits for ever.
const SHORT: Duration = Duration::from_millis(1);

#[test]
fn a_read_that_was_dropped_takes_nothing_from_the_pipe_afterwards() {
    run(async {
        let (mut reader, mut writer) = io::pipe()?;
        for round in 0..100u8 {
            assert!(timeout(SHORT / 10, reader.read(Vec::with_capacity(4096))).await.is_err());
            writer.write(vec![round; 3]).await.0?;
            assert_eq!(support::read_up_to(&mut reader, 3).await?, [round; 3]);
        }
        Ok(())
    });
}

#[test]
fn a_write_that_was_dropped_leaves_the_pipe_usable() {
    run(async {
        let (mut reader, mut writer) = io::pipe()?;
        let mut filled = 0;
        // Until the pipe is full.
        while let Ok((count, _)) = timeout(SHORT, writer.write(vec![1; 1 << 16])).await {
            filled += count?;
        }
        let mut drained = 0;
        while drained < filled {
            let (count, _) = reader.read(Vec::with_capacity(1 << 16)).await;
            drained += count?;
        }
        Ok(())
    });
}

#[test]
fn an_accept_and_a_receive_that_were_dropped_can_be_made_again() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        for _ in 0..20 {
            assert!(timeout(SHORT, listener.accept()).await.is_err());
            assert!(timeout(SHORT, socket.recv_from(Vec::with_capacity(2000))).await.is_err());
        }
        let (client, server) = rt::join(TcpStream::connect(listener.local_addr()?), listener.accept()).await;
        let (mut client, (mut server, _)) = (client?, server?);
        client.write(b"1".to_vec()).await.0?;
        assert_eq!(support::read_up_to(&mut server, 1).await?, b"1");
        socket.send_to(b"2".to_vec(), socket.local_addr()?).await.0?;
        assert_eq!(socket.recv_from(Vec::with_capacity(2000)).await.1, b"2");
        Ok(())
    });
}

#[test]
fn tasks_are_cancelled_with_what_they_read() {
    run(async {
        let (reader, mut writer) = io::pipe()?;
        let reading = rt::spawn(async move {
            let mut reader = reader;
            reader.read(Vec::with_capacity(100)).await.0
        });
        rt::yield_now().await;
        reading.cancel();
        assert_eq!(reading.await.unwrap_err(), rt::Cancelled);
        // The task held the only reader: once the kernel has let go of it, there is nobody to write to.
        let error = loop {
            match writer.write(b"x".to_vec()).await.0 {
                Ok(_) => rt::yield_now().await,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        Ok(())
    });
}

#[test]
fn a_file_read_that_was_dropped_harms_nothing() {
    let folder = Folder::new();
    std::fs::write(folder.path("file"), vec![9; 1 << 20]).unwrap();
    run(async {
        let file = Rc::new(File::open(folder.path("file")).await?);
        for nth in 0..1000 {
            let read = file.read_at(Vec::with_capacity(1 << 16), nth * 64);
            // Begun, and dropped at once or a moment later.
            match rt::select(read, rt::yield_now()).await {
                Either::Left((count, bytes)) => assert!(count? > 0 && bytes.iter().all(|&byte| byte == 9)),
                Either::Right(()) => {}
            }
        }
        let (count, bytes) = file.read_at(Vec::with_capacity(10), 0).await;
        assert_eq!((count?, bytes), (10, vec![9; 10]));
        Ok(())
    });
}

#[test]
fn a_listing_that_was_dropped_does_not_go_on_as_if_nothing_were_missing() {
    let folder = Folder::new();
    std::fs::write(folder.path("file"), b"x").unwrap();
    run(async {
        let mut listing = rusticated::fs::read_dir(folder.path("")).await?;
        // Polled once. Only some systems tell at once.
        let first = match rt::select(listing.next(), async {}).await {
            Either::Left(entry) => Some(entry?),
            Either::Right(()) => None,
        };
        match first {
            Some(entry) => assert_eq!(entry.unwrap().file_name(), "file"),
            None => {
                for _ in 0..2 {
                    assert_eq!(listing.next().await.unwrap_err().kind(), io::ErrorKind::Other);
                }
            }
        }
        Ok(())
    });
}

#[cfg(target_os = "linux")]
#[test]
fn an_open_that_was_dropped_leaves_no_descriptor() {
    let folder = Folder::new();
    std::fs::write(folder.path("file"), b"x").unwrap();
    // A process of its own: the tests beside this one open files, too.
    let me = support::me();
    if std::env::var_os("ALONE").is_none() {
        let status = std::process::Command::new(&me[0])
            .args(&me[1..])
            .args(["--exact", "an_open_that_was_dropped_leaves_no_descriptor"])
            .env("ALONE", "1")
            .status()
            .unwrap();
        assert!(status.success());
        return;
    }
    let count = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    run(async {
        drop(File::open(folder.path("file")).await?);
        sleep(SHORT).await;
        let before = count();
        for _ in 0..1000 {
            drop(rt::select(File::open(folder.path("file")), rt::yield_now()).await);
        }
        // Ends are told when the runtime waits.
        for _ in 0..50 {
            sleep(SHORT).await;
            if count() == before {
                break;
            }
        }
        assert_eq!(count(), before);
        Ok(())
    });
}

#[test]
fn a_thread_that_ends_with_operations_in_flight_ends() {
    std::thread::spawn(|| {
        run(async {
            let (mut reader, writer) = io::pipe()?;
            rt::spawn(async move {
                reader.read(Vec::with_capacity(64)).await.0.unwrap();
                drop(writer);
            });
            rt::yield_now().await;
            Ok(())
        });
    })
    .join()
    .unwrap();
}
