//! Any sequence of spawning, waiting, sleeping, reading and cancelling: nothing hangs, leaks, or is touched too early.
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::task::{Poll, Waker};

use crate::backend::clock;
use crate::backend::driver::{inline, read};
use crate::rt::timers::TimerId;
use crate::rt::{JoinHandle, Runtime, block_on, join, select, spawn, yield_now};

/// A sleep over the runtime's timers.
struct Sleep {
    deadline: u64,
    timer: Option<TimerId>,
}

impl Sleep {
    fn new(nanoseconds: u64) -> Self {
        Self { deadline: clock::monotonic() + nanoseconds, timer: None }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<()> {
        Runtime::with(|runtime| {
            let mut timers = runtime.timers().borrow_mut();
            match self.timer {
                Some(id) if timers.has_fired(id) => return Poll::Ready(()),
                Some(id) => drop(timers.set_waker(id, context.waker().clone())),
                None => self.timer = Some(timers.add(self.deadline, context.waker().clone())),
            }
            Poll::Pending
        })
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(id) = self.timer {
            let waker: Option<Option<Waker>> =
                Runtime::with_existing(|runtime| runtime.timers().borrow_mut().remove(id));
            drop(waker);
        }
    }
}

struct Dice(Cell<u64>);

impl Dice {
    fn roll(&self, sides: u64) -> u64 {
        let mut state = self.0.get();
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.0.set(state);
        state % sides
    }
}

struct World {
    dice: Dice,
    alive: Cell<usize>,
    handles: RefCell<Vec<JoinHandle<u64>>>,
}

/// Counts the tasks that are alive.
struct Alive(Rc<World>);

impl Alive {
    fn new(world: &Rc<World>) -> Self {
        world.alive.set(world.alive.get() + 1);
        Self(Rc::clone(world))
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.alive.set(self.0.alive.get() - 1);
    }
}

/// A task that does up to ten things; it may cancel any, itself too.
fn wander(world: Rc<World>, depth: u64) -> std::pin::Pin<Box<dyn Future<Output = u64>>> {
    let alive = Alive::new(&world);
    Box::pin(async move {
        let _alive = alive;
        let mut sum = 0;
        for _ in 0..world.dice.roll(10) {
            match world.dice.roll(8) {
                0 => yield_now().await,
                1 => Sleep::new(world.dice.roll(1000)).await,
                2 => sum += read(Vec::with_capacity(16), b"sixteen bytes...").await.0 as u64,
                3 => sum += inline(vec![1], 1).await.0 as u64,
                4 => {
                    select(Sleep::new(world.dice.roll(50)), read(Vec::with_capacity(4), b"four")).await;
                }
                5 => {
                    join(read(Vec::with_capacity(1), b"1"), Sleep::new(5)).await;
                }
                6 if depth > 0 => {
                    let handle = spawn(wander(Rc::clone(&world), depth - 1));
                    if world.dice.roll(2) == 0 {
                        world.handles.borrow_mut().push(handle);
                    } else if world.dice.roll(3) > 0 {
                        sum += handle.await.unwrap_or(0);
                    }
                }
                _ => {
                    let taken = world.handles.borrow_mut().pop();
                    if let Some(handle) = taken {
                        handle.cancel();
                        if world.dice.roll(2) == 0 {
                            // It may be this very task, which ends here then.
                            sum += handle.await.unwrap_or(0);
                        }
                    }
                }
            }
        }
        sum
    })
}

fn run(seed: u64) {
    let world = Rc::new(World { dice: Dice(Cell::new(seed | 1)), alive: Cell::new(0), handles: RefCell::default() });
    Runtime::with(|runtime| runtime.driver().seed(seed));
    block_on(async {
        for _ in 0..10 {
            let handle = spawn(wander(Rc::clone(&world), 3));
            world.handles.borrow_mut().push(handle);
        }
        // A task may wait for one that waits for it: all that is left after a while is cancelled.
        for _ in 0..100 {
            Sleep::new(10).await;
        }
        loop {
            let taken = world.handles.borrow_mut().pop();
            let Some(handle) = taken else { break };
            handle.cancel();
        }
        while world.alive.get() > 0 || Runtime::with(|runtime| !runtime.driver().is_idle()) {
            Sleep::new(10).await;
        }
    });
    assert_eq!(world.alive.get(), 0, "seed {seed}");
    assert_eq!(Rc::strong_count(&world), 1, "seed {seed}");
    Runtime::with(|runtime| assert_eq!(runtime.timers().borrow().next_deadline(), None, "seed {seed}"));
}

#[test]
fn any_sequence_ends_and_leaves_nothing_behind() {
    let runs = if cfg!(miri) { 20 } else { 3000 };
    for seed in 1..=runs {
        run(seed * 0x9E37_79B9);
    }
}

#[test]
fn threads_may_end_in_the_middle_of_it() {
    let runs = if cfg!(miri) { 10 } else { 500 };
    for seed in 1..=runs {
        std::thread::spawn(move || {
            let world =
                Rc::new(World { dice: Dice(Cell::new(seed)), alive: Cell::new(0), handles: RefCell::default() });
            Runtime::with(|runtime| runtime.driver().seed(seed));
            block_on(async {
                for _ in 0..10 {
                    drop(spawn(wander(Rc::clone(&world), 3)));
                }
                Sleep::new(20).await;
            });
            world.handles.borrow_mut().clear();
        })
        .join()
        .unwrap();
    }
}
