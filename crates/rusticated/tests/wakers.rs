//! Wakers of somebody else's that panic.
#![cfg(unix)]
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use rusticated::net::UdpSocket;
use rusticated::rt;
use support::run;

mod support;

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("on purpose");
    }
}

type Pinned<T> = Pin<Box<dyn Future<Output = T>>>;

/// Begins with all, for a waker that panics, and waits for each of them.
fn end_all_though_wakers_panic<T>(mut all: Vec<Pinned<T>>, meanwhile: impl FnOnce()) {
    let waker = Waker::from(Arc::new(Panics));
    for future in &mut all {
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    meanwhile();
    let mut panics = 0;
    for mut future in all {
        while catch_unwind(AssertUnwindSafe(|| drop(rt::block_on(future.as_mut())))).is_err() {
            panics += 1;
        }
    }
    assert_ne!(panics, 0);
}

#[test]
fn a_waker_that_panics_does_not_keep_the_ends_of_descriptors_from_others() {
    let bind = |_| run(UdpSocket::bind("127.0.0.1:0"));
    let sockets: Vec<_> = (0..20).map(bind).collect();
    let addresses: Vec<_> = sockets.iter().map(|socket| socket.local_addr().unwrap().to_string()).collect();
    let receive = |socket: UdpSocket| -> Pinned<_> {
        Box::pin(async move { socket.recv_from(Vec::with_capacity(8)).await.0.unwrap() })
    };
    end_all_though_wakers_panic(sockets.into_iter().map(receive).collect(), || {
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        for address in addresses {
            sender.send_to(b"x", address).unwrap();
        }
    });
}

#[test]
fn a_waker_that_panics_does_not_keep_the_ends_of_workers_from_others() {
    let list = |_| -> Pinned<_> {
        // Workers list folders on every backend.
        let mut folder = run(rusticated::fs::read_dir("."));
        Box::pin(async move { folder.next().await.unwrap() })
    };
    end_all_though_wakers_panic((0..200).map(list).collect(), || {});
}
