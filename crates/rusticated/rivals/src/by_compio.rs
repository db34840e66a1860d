//! The work on compio.
use std::rc::Rc;

use compio::BufResult;
use compio::fs::{File, OpenOptions};
use compio::io::{AsyncRead, AsyncReadAt, AsyncWrite};
use compio::net::{TcpListener, TcpStream};
use compio::process::Command;
use compio::runtime::{Runtime, spawn, time};

use crate::{BLOCK, MESSAGE, PROGRAMS, Places, ROUND_TRIPS, TASKS, TIMERS, Work, pause};

pub fn run(work: &Work) -> bool {
    let runtime = Runtime::new().unwrap();
    match work.kind.as_str() {
        "read" | "direct" => runtime.block_on(read(work)),
        "echo" => runtime.block_on(echo(work.size)),
        "pipe" => runtime.block_on(pipe()),
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

async fn read(work: &Work) {
    let (count, flags) = work.reads();
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(flags);
    let file: File = options.open(work.file.as_str()).await.unwrap();
    let length = file.metadata().await.unwrap().len();
    let file = Rc::new(file);
    let tasks: Vec<_> = (0..work.size)
        .map(|seed| {
            let (file, count) = (file.clone(), count / work.size);
            spawn(async move {
                let mut places = Places::new(seed, length);
                let mut block = Vec::with_capacity(BLOCK);
                for _ in 0..count {
                    block.clear();
                    let BufResult(read, back) = file.read_at(block, places.next()).await;
                    assert_eq!(read.unwrap(), BLOCK);
                    block = back;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn echo(connections: u64) {
    let mut listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut clients = Vec::new();
    for _ in 0..connections {
        let accepting = spawn(async move { (listener.accept().await, listener) });
        let mut client = TcpStream::connect(address).await.unwrap();
        let (server, same) = accepting.await.unwrap();
        listener = same;
        let (mut server, _) = server.unwrap();
        client.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        spawn(async move {
            let mut message = Vec::with_capacity(MESSAGE);
            loop {
                message.clear();
                let BufResult(count, back) = server.read(message).await;
                if count.unwrap() == 0 {
                    return;
                }
                let BufResult(count, back) = server.write(back).await;
                assert_eq!(count.unwrap(), MESSAGE);
                message = back;
            }
        })
        .detach();
        clients.push(spawn(async move {
            let mut message = vec![7; MESSAGE];
            for _ in 0..ROUND_TRIPS / connections {
                let BufResult(count, mut back) = client.write(message).await;
                assert_eq!(count.unwrap(), MESSAGE);
                back.clear();
                let BufResult(count, back) = client.read(back).await;
                assert_eq!(count.unwrap(), MESSAGE);
                message = back;
            }
        }));
    }
    for client in clients {
        client.await.unwrap();
    }
}

async fn pipe() {
    let (mut near_in, mut far_out) = compio::fs::pipe::anonymous().await.unwrap();
    let (mut far_in, mut near_out) = compio::fs::pipe::anonymous().await.unwrap();
    let far = spawn(async move {
        let mut byte = Vec::with_capacity(1);
        for _ in 0..ROUND_TRIPS {
            byte.clear();
            let BufResult(count, back) = far_in.read(byte).await;
            assert_eq!(count.unwrap(), 1);
            byte = far_out.write(back).await.1;
        }
    });
    let mut byte = vec![7];
    for _ in 0..ROUND_TRIPS {
        let mut back = near_out.write(byte).await.1;
        back.clear();
        let BufResult(count, back) = near_in.read(back).await;
        assert_eq!(count.unwrap(), 1);
        byte = back;
    }
    far.await.unwrap();
}

async fn many() {
    let tasks: Vec<_> = (0..TASKS).map(|nth| spawn(async move { nth })).collect();
    let mut sum = 0;
    for task in tasks {
        sum += task.await.unwrap();
    }
    assert_eq!(sum, TASKS * (TASKS - 1) / 2);
}

async fn timers() {
    let tasks: Vec<_> = (0..TIMERS).map(|nth| spawn(time::sleep(pause(nth)))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}
