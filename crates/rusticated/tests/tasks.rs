//! The executor, seen from outside.
#![allow(unsafe_code, reason = "a waker that breaks a rule on purpose")]
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use rusticated::rt::{self, Cancelled, Either};
use rusticated::time::{self, Instant, sleep, sleep_until};

#[test]
fn tasks_run_in_the_order_in_which_they_can_go_on() {
    let order = Rc::new(RefCell::new(Vec::new()));
    rt::block_on(async {
        let tasks: Vec<_> = (0..3)
            .map(|task| {
                let order = order.clone();
                rt::spawn(async move {
                    for step in 0..2 {
                        order.borrow_mut().push((step, task));
                        rt::yield_now().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(*order.borrow(), [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]);
}

#[test]
fn timers_fire_in_the_order_of_their_moments() {
    let order = Rc::new(RefCell::new(Vec::new()));
    rt::block_on(async {
        // So late that all of them wait before the first is over.
        let start = Instant::now() + Duration::from_millis(300);
        let tasks: Vec<_> = (0..100u64)
            .map(|nth| {
                let order = order.clone();
                let moment = start + Duration::from_micros(nth * 7919 % 100 * 100);
                rt::spawn(async move {
                    sleep_until(moment).await;
                    assert!(Instant::now() >= moment);
                    order.borrow_mut().push(moment);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert!(order.borrow().is_sorted());
    assert_eq!(order.borrow().len(), 100);
}

#[test]
fn a_task_that_is_left_goes_on_with_the_next_call() {
    let task = rt::spawn(async {
        rt::yield_now().await;
        rt::yield_now().await;
        7
    });
    rt::block_on(rt::yield_now());
    assert!(!task.is_finished());
    assert_eq!(rt::block_on(task), Ok(7));
}

#[test]
fn a_handle_that_is_dropped_lets_its_task_go_on() {
    let done = Rc::new(RefCell::new(false));
    rt::block_on(async {
        let mark = done.clone();
        drop(rt::spawn(async move { *mark.borrow_mut() = true }));
        rt::yield_now().await;
    });
    assert!(*done.borrow());
}

#[test]
fn a_task_that_cancels_itself_ends_when_it_waits() {
    let handle: Rc<RefCell<Option<rt::JoinHandle<()>>>> = Rc::default();
    let reached = Rc::new(RefCell::new(0));
    rt::block_on(async {
        let (own, steps) = (handle.clone(), reached.clone());
        *handle.borrow_mut() = Some(rt::spawn(async move {
            own.borrow().as_ref().unwrap().cancel();
            *steps.borrow_mut() += 1;
            rt::yield_now().await;
            *steps.borrow_mut() += 1;
        }));
        rt::yield_now().await;
        let handle = handle.borrow_mut().take().unwrap();
        assert_eq!(handle.await, Err(Cancelled));
    });
    assert_eq!(*reached.borrow(), 1);
}

#[test]
fn the_first_of_two_wins_and_the_other_is_dropped() {
    struct Dropped(Rc<RefCell<bool>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            *self.0.borrow_mut() = true;
        }
    }
    let mark = Rc::new(RefCell::new(false));
    let held = Dropped(mark.clone());
    let won = rt::block_on(rt::select(
        async move {
            let _held = held;
            sleep(Duration::from_secs(3600)).await;
        },
        sleep(Duration::from_millis(1)),
    ));
    assert_eq!(won, Either::Right(()));
    assert!(*mark.borrow());
}

#[test]
fn a_time_limit_that_is_not_reached_changes_nothing() {
    let output = rt::block_on(time::timeout(Duration::from_secs(3600), async {
        sleep(Duration::from_millis(1)).await;
        5
    }));
    assert_eq!(output, Ok(5));
}

#[test]
fn a_panic_in_a_task_leaves_a_runtime_that_works() {
    let unwound = std::panic::catch_unwind(|| {
        rt::block_on(async {
            rt::spawn(async { panic!("on purpose") });
            sleep(Duration::from_secs(3600)).await;
        });
    });
    assert!(unwound.is_err());
    assert_eq!(rt::block_on(async { rt::spawn(async { 3 }).await }), Ok(3));
}

#[test]
#[should_panic(expected = "block_on inside of block_on")]
fn blocking_inside_of_blocking_is_refused() {
    rt::block_on(async { rt::block_on(async {}) });
}

#[test]
fn a_waker_of_another_thread_says_so_and_harms_nothing() {
    let waker = Rc::new(RefCell::new(None));
    let kept = waker.clone();
    rt::block_on(core::future::poll_fn(move |context| {
        *kept.borrow_mut() = Some(context.waker().clone());
        core::task::Poll::Ready(())
    }));
    let waker = waker.borrow_mut().take().unwrap();
    let cloned = waker.clone();
    let error = std::thread::spawn(move || cloned.wake()).join().unwrap_err();
    assert!(error.downcast_ref::<&str>().unwrap().contains("not its runtime's"));
    waker.wake();
    assert_eq!(rt::block_on(async { 1 }), 1);
}

#[test]
fn a_wait_for_a_future_that_wakes_itself_ends() {
    rt::wait(rt::yield_now());
    // One inside of the other, each woken by itself.
    let inner = rt::wait(async {
        rt::yield_now().await;
        rt::wait(async {
            rt::yield_now().await;
            sleep(Duration::from_millis(1)).await;
            4
        })
    });
    assert_eq!(inner, 4);
}

#[test]
fn a_waker_that_holds_a_sleep_may_be_replaced_while_it_is_waited_for() {
    /// Its destructor comes back to the timers.
    struct Holder(#[allow(dead_code, reason = "it is there to be dropped")] std::sync::Mutex<time::Sleep>);
    // SAFETY: both threads of this test are one.
    unsafe impl Send for Holder {}
    // SAFETY: as above.
    unsafe impl Sync for Holder {}
    impl std::task::Wake for Holder {
        fn wake(self: std::sync::Arc<Self>) {}
    }
    let waker = || {
        let mut held = sleep(Duration::from_secs(3600));
        let mut quiet = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(std::pin::Pin::new(&mut held).poll(&mut quiet).is_pending());
        std::task::Waker::from(std::sync::Arc::new(Holder(std::sync::Mutex::new(held))))
    };
    let mut slept = sleep(Duration::from_secs(3600));
    for _ in 0..3 {
        let waker = waker();
        let mut context = std::task::Context::from_waker(&waker);
        assert!(std::pin::Pin::new(&mut slept).poll(&mut context).is_pending());
    }
}

#[test]
fn a_task_whose_destructor_panics_has_ended() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    let task = rt::spawn(async {
        let _bad = Bad;
        core::future::pending::<()>().await;
    });
    rt::block_on(rt::yield_now());
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| task.cancel())).is_err());
    assert!(task.is_finished());
    assert_eq!(rt::block_on(task), Err(Cancelled));
}

#[test]
fn all_tasks_are_dropped_and_those_that_these_spawn() {
    struct Heir(Rc<RefCell<u32>>, u32);
    impl Drop for Heir {
        fn drop(&mut self) {
            *self.0.borrow_mut() += 1;
            if self.1 > 0 {
                let next = Heir(self.0.clone(), self.1 - 1);
                drop(rt::spawn(async move {
                    let _next = next;
                    core::future::pending::<()>().await;
                }));
            }
        }
    }
    let count = Rc::new(RefCell::new(0));
    for _ in 0..1000 {
        let first = Heir(count.clone(), 2);
        drop(rt::spawn(async move {
            let _first = first;
            core::future::pending::<()>().await;
        }));
    }
    rt::block_on(rt::yield_now());
    rt::cancel_all();
    assert_eq!(*count.borrow(), 3000);
}

#[test]
fn a_hundred_thousand_tasks_that_are_left_end_with_their_thread() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    struct Counted(Arc<AtomicU32>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let count = Arc::new(AtomicU32::new(0));
    let dropped = count.clone();
    std::thread::spawn(move || {
        for _ in 0..100_000 {
            let held = Counted(dropped.clone());
            drop(rt::spawn(async move {
                let _held = held;
                core::future::pending::<()>().await;
            }));
        }
        rt::block_on(rt::yield_now());
    })
    .join()
    .unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 100_000);
}
