//! Tasks that do whatever comes to them, by a seed that is printed, and are cancelled at any moment. What they have
//! opened and allocated must be gone afterwards. A few rounds by default; STRESS_SECONDS says for how long instead,
//! STRESS_SEED with which seed. Its own harness: it counts descriptors and memory of the whole process.
#![allow(unsafe_code, reason = "an allocator that counts")]
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicIsize, Ordering};
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Trial};
use rusticated::fs::{self, File};
use rusticated::io::{self, AsyncRead, AsyncWrite};
use rusticated::net::{TcpListener, TcpStream, UdpSocket};
use rusticated::process::{Command, Stdio};
use rusticated::rt::{self, Either, JoinHandle};
use rusticated::time::{sleep, timeout};

struct Counting;

static LIVE: AtomicIsize = AtomicIsize::new(0);

// SAFETY: the system's allocator does all of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What may stay: the libc's and std's own, made when it is first needed, and growing lists that are used again.
const SLACK: isize = 64 * 1024;

struct Dice(Cell<u64>);

impl Dice {
    fn roll(&self, sides: u64) -> u64 {
        let mut state = self.0.get();
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.0.set(state);
        (state >> 11) % sides
    }
}

struct World {
    dice: Dice,
    folder: std::path::PathBuf,
    handles: RefCell<Vec<JoinHandle<()>>>,
    acts: Cell<u64>,
}

type Act = std::pin::Pin<Box<dyn Future<Output = io::Result<()>>>>;

/// Errors that cancelled neighbours cause are no failures here: what is looked at is what stays.
fn act(world: &Rc<World>) -> Act {
    let dice = world.dice.roll(100);
    let world = Rc::clone(world);
    let size = 1 + world.dice.roll(20_000) as usize;
    world.acts.set(world.acts.get() + 1);
    match dice {
        0..10 => Box::pin(async move {
            sleep(Duration::from_micros(size as u64 / 20)).await;
            Ok(())
        }),
        10..30 => Box::pin(async move {
            let (mut reader, mut writer) = io::pipe()?;
            let writing = rt::spawn(async move {
                for _ in 0..3 {
                    writer.write(vec![7; size]).await.0?;
                }
                io::Result::Ok(())
            });
            let mut total = 0;
            while total < size {
                let (count, bytes) = reader.read(Vec::with_capacity(4096)).await;
                assert!(bytes.iter().all(|&byte| byte == 7));
                match count? {
                    0 => break,
                    count => total += count,
                }
            }
            writing.cancel();
            Ok(())
        }),
        30..50 => Box::pin(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let (client, server) = rt::join(TcpStream::connect(listener.local_addr()?), listener.accept()).await;
            let (mut client, (mut server, _)) = (client?, server?);
            let echo = rt::spawn(async move {
                loop {
                    let (count, bytes) = server.read(Vec::with_capacity(1000)).await;
                    if count? == 0 {
                        return io::Result::Ok(());
                    }
                    server.write(bytes).await.0?;
                }
            });
            for round in 0..4 {
                client.write(vec![round; 100]).await.0?;
                let (count, bytes) = client.read(Vec::with_capacity(100)).await;
                assert!(count? == bytes.len() && bytes.iter().all(|&byte| byte == round));
                if bytes.len() < 100 {
                    break;
                }
            }
            drop(client);
            let _ = echo.await;
            Ok(())
        }),
        50..60 => Box::pin(async move {
            let (one, other) = (UdpSocket::bind("127.0.0.1:0").await?, UdpSocket::bind("127.0.0.1:0").await?);
            one.send_to(vec![1; 100], other.local_addr()?).await.0?;
            let (received, bytes) = other.recv_from(Vec::with_capacity(200)).await;
            assert_eq!((received?.0, bytes.len()), (100, 100));
            let never = timeout(Duration::from_micros(size as u64 / 10), one.recv(Vec::with_capacity(10))).await;
            assert!(never.is_err());
            Ok(())
        }),
        60..85 => Box::pin(async move {
            let path = world.folder.join(format!("{}", world.dice.roll(20)));
            let path = path.to_str().expect("a temporary folder has a plain name");
            match world.dice.roll(6) {
                0 => fs::write(path, vec![3; size]).await,
                1 => fs::read(path).await.map(|bytes| assert!(bytes.iter().all(|&byte| byte == 3 || byte == 0))),
                2 => fs::remove_file(path).await,
                3 => fs::rename(path, world.folder.join("0").to_str().unwrap_or_default()).await,
                4 => {
                    let mut reader = fs::read_dir(world.folder.to_str().unwrap_or_default()).await?;
                    while reader.next().await?.is_some() {}
                    Ok(())
                }
                _ => {
                    let mut options = File::options();
                    let mut file = options.read(true).write(true).create(true).open(path).await?;
                    file.set_len(size as u64).await?;
                    let (count, bytes) = file.read(Vec::with_capacity(size)).await;
                    assert_eq!(count?, bytes.len());
                    file.metadata().await.map(drop)
                }
            }
        }),
        85..88 => Box::pin(async move {
            // A child that nobody waits for stays in the system's table: this task is never cancelled.
            drop(rt::spawn(async move {
                let mut command = Command::new(rusticated::env::current_exe()?);
                command.env("STRESS_CHILD", "1").stdin(Stdio::null()).stdout(Stdio::piped());
                let mut child = command.spawn().await?;
                while timeout(Duration::from_micros(200), child.wait()).await.is_err() {}
                io::Result::Ok(())
            }));
            Ok(())
        }),
        _ => Box::pin(async move {
            for _ in 0..5 {
                rt::yield_now().await;
            }
            Ok(())
        }),
    }
}

/// A task that acts, gives acts up in the middle, and starts and cancels others.
async fn wander(world: Rc<World>) {
    for _ in 0..10 {
        match world.dice.roll(10) {
            0 => {
                let handle = rt::spawn(wander_less(Rc::clone(&world)));
                world.handles.borrow_mut().push(handle);
            }
            1 => {
                let count = world.handles.borrow().len() as u64;
                if count > 0 {
                    let chosen = world.dice.roll(count) as usize;
                    let handle = world.handles.borrow_mut().swap_remove(chosen);
                    handle.cancel();
                }
            }
            2..6 => {
                let moment = Duration::from_micros(world.dice.roll(300));
                match rt::select(act(&world), sleep(moment)).await {
                    Either::Left(_) | Either::Right(()) => {}
                }
            }
            6 => {
                // Begun, and dropped at once.
                let _ = rt::select(act(&world), async {}).await;
            }
            _ => drop(act(&world).await),
        }
    }
}

fn wander_less(world: Rc<World>) -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(wander(world))
}

fn world(seed: u64, folder: &std::path::Path) -> Rc<World> {
    let dice = Dice(Cell::new(seed | 1));
    Rc::new(World { dice, folder: folder.to_path_buf(), handles: RefCell::default(), acts: Cell::new(0) })
}

/// Many tasks, up to their ends or until they are cancelled.
fn round(world: &Rc<World>) {
    rt::block_on(async {
        for _ in 0..20 {
            let handle = rt::spawn(wander(Rc::clone(world)));
            world.handles.borrow_mut().push(handle);
        }
        loop {
            let next = world.handles.borrow_mut().pop();
            let Some(handle) = next else { break };
            if world.dice.roll(3) == 0 {
                handle.cancel();
            }
            let _ = timeout(Duration::from_millis(200), handle).await;
        }
    });
}

/// Descriptors that are open: those of this process, whatever thread made them.
fn descriptors() -> usize {
    let folder = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// Lets the runtime tell the ends of what was given up, until only so much is left as is allowed.
fn settle(world: &Rc<World>, open: usize) {
    rt::block_on(async {
        for _ in 0..5000 {
            if descriptors() <= open && Rc::strong_count(world) == 1 {
                return;
            }
            sleep(Duration::from_millis(2)).await;
        }
    });
}

fn main() {
    if std::env::var_os("STRESS_CHILD").is_some() {
        return;
    }
    let trial = Trial::test("what_random_acts_opened_and_allocated_is_gone_afterwards", || {
        stress();
        Ok(())
    });
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit();
}

fn stress() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |time| time.as_nanos() as u64);
    let seed = number("STRESS_SEED").unwrap_or(now);
    let until = number("STRESS_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
    println!("STRESS_SEED={seed} on {}", rt::backend_name());
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let world = world(seed, folder.path());
    let mut rounds = 0u64;
    // All that is made once, and stays.
    for _ in 0..5 {
        round(&world);
    }
    settle(&world, usize::MAX);
    rt::block_on(sleep(Duration::from_millis(50)));
    let (open, live) = (descriptors(), LIVE.load(Ordering::Relaxed));
    while until.map_or(rounds < 20, |until| Instant::now() < until) {
        rounds += 1;
        round(&world);
        if rounds.is_multiple_of(10) {
            // A thread that ends in the middle of everything.
            let (seed, folder) = (world.dice.roll(u64::MAX >> 1), folder.path().to_path_buf());
            std::thread::spawn(move || {
                let world = self::world(seed, &folder);
                rt::block_on(async {
                    for _ in 0..10 {
                        drop(rt::spawn(wander(Rc::clone(&world))));
                    }
                    sleep(Duration::from_micros(seed % 3000)).await;
                });
            })
            .join()
            .expect("a thread that ends with operations in flight ends");
            settle(&world, open);
            let (open_now, live_now) = (descriptors(), LIVE.load(Ordering::Relaxed));
            assert!(open_now <= open, "{open_now} descriptors are open, and {open} were; seed {seed}, round {rounds}");
            assert_eq!(Rc::strong_count(&world), 1, "a task is left; seed {seed}, round {rounds}");
            assert!(
                live_now <= live + SLACK,
                "{live_now} bytes are allocated, and {live} were; seed {seed}, round {rounds}"
            );
        }
    }
    let grown = LIVE.load(Ordering::Relaxed) - live;
    println!("{rounds} rounds, {} acts; descriptors {open} → {}, bytes {grown:+}", world.acts.get(), descriptors());
}
