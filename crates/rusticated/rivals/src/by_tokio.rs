//! The work on tokio's runtime of one thread.
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::task::LocalSet;

use crate::{BLOCK, MESSAGE, PROGRAMS, Places, ROUND_TRIPS, TASKS, TIMERS, Work, pause};

pub fn run(work: &Work) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = LocalSet::new();
    match work.kind.as_str() {
        "read" | "direct" => runtime.block_on(read(work)),
        "echo" => local.block_on(&runtime, echo(work.size)),
        "pipe" => local.block_on(&runtime, pipes()),
        "spawn" => runtime.block_on(many()),
        "timers" => runtime.block_on(timers()),
        "process" => runtime.block_on(async {
            for _ in 0..PROGRAMS {
                assert!(Command::new("true").status().await.unwrap().success());
            }
        }),
        _ => return false,
    }
    true
}

/// As tokio's own files do it: on its pool of threads.
async fn read(work: &Work) {
    let (count, flags) = work.reads();
    let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(&work.file).unwrap();
    let length = file.metadata().unwrap().len();
    let file = Arc::new(file);
    let tasks: Vec<_> = (0..work.size)
        .map(|seed| {
            let (file, count) = (file.clone(), count / work.size);
            tokio::spawn(async move {
                let mut places = Places::new(seed, length);
                let mut block = vec![0; BLOCK];
                for _ in 0..count {
                    let (file, place) = (file.clone(), places.next());
                    block = tokio::task::spawn_blocking(move || {
                        assert_eq!(file.read_at(&mut block, place).unwrap(), BLOCK);
                        block
                    })
                    .await
                    .unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn echo(connections: u64) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut clients = Vec::new();
    for _ in 0..connections {
        let (client, server) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (mut client, (mut server, _)) = (client.unwrap(), server.unwrap());
        client.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        tokio::task::spawn_local(async move {
            let mut message = vec![0; MESSAGE];
            while server.read(&mut message).await.unwrap() != 0 {
                assert_eq!(server.write(&message).await.unwrap(), MESSAGE);
            }
        });
        clients.push(tokio::task::spawn_local(async move {
            let mut message = vec![7; MESSAGE];
            for _ in 0..ROUND_TRIPS / connections {
                assert_eq!(client.write(&message).await.unwrap(), MESSAGE);
                assert_eq!(client.read(&mut message).await.unwrap(), MESSAGE);
            }
        }));
    }
    for client in clients {
        client.await.unwrap();
    }
}

async fn pipes() {
    let ((mut far_out, mut near_in), (mut near_out, mut far_in)) = (pipe::pipe().unwrap(), pipe::pipe().unwrap());
    let far = tokio::task::spawn_local(async move {
        let mut byte = [0];
        for _ in 0..ROUND_TRIPS {
            assert_eq!(far_in.read(&mut byte).await.unwrap(), 1);
            far_out.write(&byte).await.unwrap();
        }
    });
    let mut byte = [7];
    for _ in 0..ROUND_TRIPS {
        near_out.write(&byte).await.unwrap();
        assert_eq!(near_in.read(&mut byte).await.unwrap(), 1);
    }
    far.await.unwrap();
}

async fn many() {
    let tasks: Vec<_> = (0..TASKS).map(|nth| tokio::spawn(async move { nth })).collect();
    let mut sum = 0;
    for task in tasks {
        sum += task.await.unwrap();
    }
    assert_eq!(sum, TASKS * (TASKS - 1) / 2);
}

async fn timers() {
    let tasks: Vec<_> = (0..TIMERS).map(|nth| tokio::spawn(async move { tokio::time::sleep(pause(nth)).await })).collect();
    for task in tasks {
        task.await.unwrap();
    }
}
