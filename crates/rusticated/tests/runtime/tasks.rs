//! Tasks, their wakers and their handles, in the orders that are easy to get wrong.
use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::rt::{Cancelled, JoinHandle, block_on, spawn, yield_now};

/// Counts how often it was dropped.
struct Counted(Rc<Cell<usize>>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

/// Does something when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Gives its own waker.
fn own_waker() -> impl Future<Output = Waker> {
    poll_fn(|context| Poll::Ready(context.waker().clone()))
}

#[test]
fn wakers_may_be_dropped_on_other_threads_after_their_task_has_ended() {
    let drops = Rc::new(Cell::new(0));
    let counted = Counted(Rc::clone(&drops));
    let thread = block_on(async {
        let handle = spawn(async move {
            let waker = own_waker().await;
            let thread = std::thread::spawn(move || {
                let copies: Vec<Waker> = (0..10).map(|_| waker.clone()).collect();
                drop(waker);
                std::thread::yield_now();
                drop(copies);
            });
            (thread, counted)
        });
        handle.await.unwrap().0
    });
    assert_eq!(drops.get(), 1);
    thread.join().unwrap();
    assert_eq!(drops.get(), 1);
}

#[test]
fn an_output_that_nobody_waits_for_is_dropped_on_its_own_thread() {
    // A waker on another thread is the last reference: by then, the output must be gone.
    let drops = Rc::new(Cell::new(0));
    let counted = Counted(Rc::clone(&drops));
    let thread = block_on(async {
        let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
        let slot = Rc::clone(&waker);
        drop(spawn(async move {
            *slot.borrow_mut() = Some(own_waker().await);
            counted
        }));
        yield_now().await;
        yield_now().await;
        let waker = waker.borrow_mut().take().unwrap();
        std::thread::spawn(move || drop(waker))
    });
    assert_eq!(drops.get(), 1);
    thread.join().unwrap();
}

#[test]
fn a_waker_on_another_thread_panics_there_and_harms_nobody() {
    block_on(async {
        let waker = own_waker().await;
        let here = waker.clone();
        let other = std::thread::spawn(move || catch_unwind(AssertUnwindSafe(|| waker.wake())).is_err());
        assert!(other.join().unwrap());
        here.wake();
        yield_now().await;
    });
}

#[test]
fn a_task_that_cancels_itself_is_dropped_when_it_returns() {
    let drops = Rc::new(Cell::new(0));
    let counted = Counted(Rc::clone(&drops));
    let handle: Rc<RefCell<Option<JoinHandle<()>>>> = Rc::default();
    let own = Rc::clone(&handle);
    block_on(async {
        let seen = Rc::clone(&drops);
        *handle.borrow_mut() = Some(spawn(async move {
            let _counted = counted;
            own.borrow().as_ref().unwrap().cancel();
            assert_eq!(seen.get(), 0, "it runs, and is not to be dropped");
            pending::<()>().await;
        }));
        yield_now().await;
        assert_eq!(drops.get(), 1);
        let handle = handle.borrow_mut().take().unwrap();
        assert!(handle.is_finished());
        assert_eq!(handle.await, Err(Cancelled));
    });
}

#[test]
fn a_task_that_cancels_itself_and_ends_at_once_has_an_output() {
    let handle: Rc<RefCell<Option<JoinHandle<u8>>>> = Rc::default();
    let own = Rc::clone(&handle);
    block_on(async {
        *handle.borrow_mut() = Some(spawn(async move {
            own.borrow().as_ref().unwrap().cancel();
            7
        }));
        yield_now().await;
        let handle = handle.borrow_mut().take().unwrap();
        assert_eq!(handle.await, Ok(7));
    });
}

#[test]
fn a_drop_may_cancel_another_task_and_spawn_a_third() {
    let drops = Rc::new(Cell::new(0));
    block_on(async {
        let counted = Counted(Rc::clone(&drops));
        let second = spawn(async move {
            let _counted = counted;
            pending::<()>().await;
        });
        let third: Rc<RefCell<Option<JoinHandle<u8>>>> = Rc::default();
        let slot = Rc::clone(&third);
        let first = spawn(async move {
            let _on_drop = OnDrop(|| {
                second.cancel();
                *slot.borrow_mut() = Some(spawn(async { 3 }));
            });
            pending::<()>().await;
        });
        yield_now().await;
        first.cancel();
        assert_eq!(drops.get(), 1);
        first.cancel();
        let third = third.borrow_mut().take().unwrap();
        assert_eq!(third.await, Ok(3));
        assert_eq!(first.await, Err(Cancelled));
    });
}

#[test]
fn a_task_that_is_being_dropped_cannot_be_cancelled_again() {
    block_on(async {
        let handle: Rc<RefCell<Option<JoinHandle<()>>>> = Rc::default();
        let own = Rc::downgrade(&handle);
        *handle.borrow_mut() = Some(spawn(async move {
            let _on_drop = OnDrop(|| own.upgrade().unwrap().borrow().as_ref().unwrap().cancel());
            pending::<()>().await;
        }));
        yield_now().await;
        handle.borrow().as_ref().unwrap().cancel();
        assert!(handle.borrow().as_ref().unwrap().is_finished());
    });
}

#[test]
fn a_task_whose_waker_is_woken_while_it_is_dropped_is_not_polled_again() {
    block_on(async {
        let polls = Rc::new(Cell::new(0));
        let count = Rc::clone(&polls);
        let handle = spawn(async move {
            let waker = own_waker().await;
            let _on_drop = OnDrop(|| waker.wake_by_ref());
            poll_fn(|_| {
                count.set(count.get() + 1);
                Poll::<()>::Pending
            })
            .await;
        });
        yield_now().await;
        handle.cancel();
        yield_now().await;
        yield_now().await;
        assert_eq!(polls.get(), 1);
    });
}

#[test]
fn handles_may_be_dropped_before_and_after_the_end() {
    let drops = Rc::new(Cell::new(0));
    block_on(async {
        let (before, after) = (Counted(Rc::clone(&drops)), Counted(Rc::clone(&drops)));
        drop(spawn(async { before }));
        let handle = spawn(async { after });
        yield_now().await;
        assert_eq!(drops.get(), 1, "the output that nobody can ask for any more");
        assert!(handle.is_finished());
        drop(handle);
        assert_eq!(drops.get(), 2);
    });
}

#[test]
fn a_handle_that_is_dropped_while_it_waits_wakes_nobody() {
    block_on(async {
        let handle = spawn(async {
            yield_now().await;
            yield_now().await;
        });
        let mut handle = Box::pin(handle);
        poll_fn(|context| {
            assert!(handle.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        drop(handle);
        for _ in 0..4 {
            yield_now().await;
        }
    });
}

#[test]
fn a_panic_leaves_block_on_and_the_other_tasks_go_on_with_the_next() {
    let drops = Rc::new(Cell::new(0));
    let counted = Counted(Rc::clone(&drops));
    let (mut bad, mut good) = (None, None);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        block_on(async {
            bad = Some(spawn(async move {
                let _counted = counted;
                yield_now().await;
                panic!("on purpose");
            }));
            good = Some(spawn(async {
                for _ in 0..5 {
                    yield_now().await;
                }
                5
            }));
            pending::<()>().await;
        });
    }));
    assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"on purpose"));
    assert_eq!(drops.get(), 1);
    let outputs = block_on(async { (bad.unwrap().await, good.unwrap().await) });
    assert_eq!(outputs, (Err(Cancelled), Ok(5)));
}

#[test]
fn block_on_inside_of_block_on_is_refused() {
    let nested = catch_unwind(|| block_on(async { block_on(async {}) }));
    assert!(nested.is_err());
    assert_eq!(block_on(async { 1 }), 1, "and works again afterwards");
}

#[test]
fn a_stale_waker_of_a_block_on_that_is_over_does_no_harm() {
    let stale = block_on(own_waker());
    stale.wake();
    assert_eq!(block_on(async { 2 }), 2);
}

#[test]
fn the_end_of_a_thread_drops_its_tasks_and_what_they_spawn_while_they_are_dropped() {
    let dropped = std::thread::spawn(|| {
        let dropped = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let (one, two) = (std::sync::Arc::clone(&dropped), std::sync::Arc::clone(&dropped));
        block_on(async {
            drop(spawn(async move {
                let _on_drop = OnDrop(|| {
                    one.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    let two = std::sync::Arc::clone(&two);
                    let mut last = OnDrop(move || {
                        two.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    });
                    drop(spawn(async move {
                        let _ = &mut last;
                        pending::<()>().await;
                    }));
                });
                pending::<()>().await;
            }));
            yield_now().await;
        });
        dropped
    })
    .join()
    .unwrap();
    assert_eq!(dropped.load(std::sync::atomic::Ordering::SeqCst), 2);
}

#[test]
fn a_future_that_wakes_itself_forever_keeps_nobody_waiting() {
    struct Restless;
    impl Future for Restless {
        type Output = ();
        fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            context.waker().wake_by_ref();
            Poll::Pending
        }
    }
    let seen = block_on(async {
        let restless = spawn(Restless);
        let other = spawn(async {
            yield_now().await;
            9
        });
        let seen = other.await;
        restless.cancel();
        seen
    });
    assert_eq!(seen, Ok(9));
}
