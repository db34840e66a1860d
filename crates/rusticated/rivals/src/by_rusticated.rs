//! The work on rusticated.
use std::rc::Rc;

use rusticated::fs::File;
use rusticated::io::{self, AsyncRead, AsyncWrite};
use rusticated::net::{TcpListener, TcpStream};
use rusticated::process::Command;
use rusticated::{rt, time};

use crate::{BLOCK, MESSAGE, PROGRAMS, Places, ROUND_TRIPS, TASKS, TIMERS, Work, pause};

pub fn run(work: &Work) -> bool {
    match work.kind.as_str() {
        "read" | "direct" => rt::block_on(read(work)),
        "echo" => rt::block_on(echo(work.size)),
        "pipe" => rt::block_on(pipe()),
        "spawn" => rt::block_on(spawn()),
        "timers" => rt::block_on(timers()),
        "process" => rt::block_on(async {
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
    let file = File::options().read(true).custom_flags(flags as u32).open(work.file.as_str()).await.unwrap();
    let length = file.metadata().await.unwrap().len();
    let file = Rc::new(file);
    let tasks: Vec<_> = (0..work.size)
        .map(|seed| {
            let (file, count) = (file.clone(), count / work.size);
            rt::spawn(async move {
                let mut places = Places::new(seed, length);
                let mut block = Vec::with_capacity(BLOCK);
                for _ in 0..count {
                    block.clear();
                    let (read, back) = file.read_at(block, places.next()).await;
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
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut clients = Vec::new();
    for _ in 0..connections {
        let (client, server) = rt::join(TcpStream::connect(address), listener.accept()).await;
        let (mut client, (mut server, _)) = (client.unwrap(), server.unwrap());
        client.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        rt::spawn(async move {
            let mut message = Vec::with_capacity(MESSAGE);
            loop {
                message.clear();
                let (count, back) = server.read(message).await;
                if count.unwrap() == 0 {
                    return;
                }
                let (count, back) = server.write(back).await;
                assert_eq!(count.unwrap(), MESSAGE);
                message = back;
            }
        });
        clients.push(rt::spawn(async move {
            let mut message = vec![7; MESSAGE];
            for _ in 0..ROUND_TRIPS / connections {
                let (count, mut back) = client.write(message).await;
                assert_eq!(count.unwrap(), MESSAGE);
                back.clear();
                let (count, back) = client.read(back).await;
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
    let ((mut near_in, mut far_out), (mut far_in, mut near_out)) = (io::pipe().unwrap(), io::pipe().unwrap());
    let far = rt::spawn(async move {
        let mut byte = Vec::with_capacity(1);
        for _ in 0..ROUND_TRIPS {
            byte.clear();
            let (count, back) = far_in.read(byte).await;
            assert_eq!(count.unwrap(), 1);
            byte = far_out.write(back).await.1;
        }
    });
    let mut byte = vec![7];
    for _ in 0..ROUND_TRIPS {
        let mut back = near_out.write(byte).await.1;
        back.clear();
        let (count, back) = near_in.read(back).await;
        assert_eq!(count.unwrap(), 1);
        byte = back;
    }
    far.await.unwrap();
}

async fn spawn() {
    let tasks: Vec<_> = (0..TASKS).map(|nth| rt::spawn(async move { nth })).collect();
    let mut sum = 0;
    for task in tasks {
        sum += task.await.unwrap();
    }
    assert_eq!(sum, TASKS * (TASKS - 1) / 2);
}

async fn timers() {
    let tasks: Vec<_> = (0..TIMERS).map(|nth| rt::spawn(time::sleep(pause(nth)))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}
