//! Operations: ends at once, in time, and after nobody waits any more.
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::sync::mpsc;
use std::task::Poll;

use crate::backend::driver::{inline, read};
use crate::backend::{Buffer, CANCELED};
use crate::rt::operation::{Outcome, Payload, result};
use crate::rt::{Runtime, block_on, select, spawn, yield_now};

/// The outcome that was undone.
type Discarded = Rc<Cell<Option<Outcome>>>;

/// A buffer that tells what was undone.
struct Opened {
    buffer: Vec<u8>,
    discarded: Discarded,
    drops: Rc<Cell<usize>>,
}

impl Opened {
    fn new() -> (Self, Discarded, Rc<Cell<usize>>) {
        let (discarded, drops) = (Rc::default(), Rc::default());
        let this = Self { buffer: Vec::with_capacity(4), discarded: Rc::clone(&discarded), drops: Rc::clone(&drops) };
        (this, discarded, drops)
    }
}

impl Payload for Opened {
    fn discard(&mut self, outcome: Outcome) {
        assert!(self.discarded.replace(Some(outcome)).is_none(), "it is undone once");
    }
}

impl Buffer for Opened {
    fn spare(&mut self) -> (*mut u8, usize) {
        self.buffer.spare()
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.drops.set(self.drops.get() + 1);
    }
}

/// Lets the played kernel end all that it works on.
async fn settle() {
    while Runtime::with(|runtime| !runtime.driver().is_idle()) {
        yield_now().await;
    }
}

fn hold(held: bool) {
    Runtime::with(|runtime| runtime.driver().hold(held));
}

fn seed(seed: u64) {
    Runtime::with(|runtime| runtime.driver().seed(seed));
}

#[test]
fn a_read_appends_what_the_kernel_wrote() {
    let (outcome, mut buffer) = block_on(async {
        let mut buffer = Vec::with_capacity(8);
        buffer.push(b'a');
        read(buffer, b"bcd").await
    });
    assert_eq!(outcome, 3);
    assert_eq!(buffer, b"a");
    // SAFETY: the kernel that is played wrote three bytes.
    unsafe { buffer.set_len(4) };
    assert_eq!(buffer, b"abcd");
}

#[test]
fn an_end_at_once_is_told_without_waiting() {
    assert_eq!(block_on(inline(vec![1, 2], 2)), (2, vec![1, 2]));
    let (outcome, buffer) = block_on(inline(vec![3], -9));
    assert_eq!(result(outcome).unwrap_err().raw_os_error(), Some(9));
    assert_eq!(buffer, [3]);
}

#[test]
fn an_end_at_once_that_nobody_saw_is_undone() {
    let (payload, discarded, drops) = Opened::new();
    drop(inline(payload, 5));
    assert_eq!((discarded.get(), drops.get()), (Some(5), 1));
}

#[test]
fn what_was_seen_is_not_undone() {
    let (payload, discarded, drops) = Opened::new();
    let (_, payload) = block_on(read(payload, b"xyz"));
    assert_eq!((discarded.get(), drops.get()), (None, 0));
    drop(payload);
    assert_eq!((discarded.get(), drops.get()), (None, 1));
}

#[test]
fn a_dropped_operation_keeps_its_buffer_until_its_end_and_undoes_what_came_of_it() {
    for number in 0..20 {
        seed(number);
        let (payload, discarded, drops) = Opened::new();
        block_on(async {
            drop(read(payload, b"late"));
            settle().await;
        });
        assert_eq!(drops.get(), 1);
        assert!([Some(4), Some(CANCELED)].contains(&discarded.get()), "{:?}", discarded.get());
    }
}

#[test]
fn an_end_that_comes_between_the_last_poll_and_the_drop_is_undone() {
    let (payload, discarded, drops) = Opened::new();
    block_on(async {
        let mut operation = Box::pin(read(payload, b"done"));
        poll_fn(|context| {
            assert!(operation.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        settle().await;
        assert_eq!(discarded.get(), None);
        drop(operation);
    });
    assert_eq!((discarded.get(), drops.get()), (Some(4), 1));
}

#[test]
fn the_last_waker_that_was_shown_is_the_one_that_is_woken() {
    let buffer = block_on(async {
        let mut operation = Box::pin(read(Vec::with_capacity(2), b"ok"));
        // Polled by this task first, then given to another.
        poll_fn(|context| {
            assert!(operation.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        spawn(operation).await.unwrap().1
    });
    assert_eq!(buffer.capacity(), 2);
}

#[test]
fn select_drops_the_slower_operation_safely() {
    for number in 0..20 {
        seed(number);
        block_on(async {
            select(read(Vec::with_capacity(3), b"one"), read(Vec::with_capacity(3), b"two")).await;
            settle().await;
        });
    }
}

#[test]
fn a_cancelled_task_abandons_its_operations() {
    for number in 0..20 {
        seed(number);
        let (payload, discarded, drops) = Opened::new();
        block_on(async {
            hold(true);
            let handle = spawn(async move { read(payload, b"gone").await.0 });
            yield_now().await;
            handle.cancel();
            assert!(handle.is_finished());
            assert_eq!(drops.get(), 0, "the kernel may still write");
            hold(false);
            settle().await;
        });
        assert_eq!(drops.get(), 1);
        assert!([Some(4), Some(CANCELED)].contains(&discarded.get()), "{:?}", discarded.get());
    }
}

#[test]
fn an_operation_in_flight_when_its_thread_ends_is_waited_for() {
    struct Told(Vec<u8>, mpsc::Sender<Outcome>);
    impl Payload for Told {
        fn discard(&mut self, outcome: Outcome) {
            self.1.send(outcome).unwrap();
        }
    }
    impl Buffer for Told {
        fn spare(&mut self) -> (*mut u8, usize) {
            self.0.spare()
        }
    }
    for number in 0..10 {
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            seed(number);
            hold(true);
            block_on(async {
                drop(spawn(async move { read(Told(Vec::with_capacity(4), sender), b"last").await.0 }));
                yield_now().await;
            });
        })
        .join()
        .unwrap();
        let told: Vec<Outcome> = receiver.iter().collect();
        assert!(told == [4] || told == [CANCELED], "{told:?}");
    }
}
