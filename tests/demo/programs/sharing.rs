//! Sharing and time.
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, RwLock, mpsc};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

static COUNT: AtomicUsize = AtomicUsize::new(0);
static LAZY: LazyLock<String> = LazyLock::new(|| format!("made {}", COUNT.fetch_add(1, Ordering::Relaxed)));
static ONCE: OnceLock<u32> = OnceLock::new();
static SHARED: Mutex<Vec<u32>> = Mutex::new(Vec::new());

thread_local! {
    static LOCAL: RefCell<Vec<u32>> = RefCell::new(vec![1]);
    static CELL: Cell<u32> = const { Cell::new(5) };
}

fn main() {
    println!("{} {}", *LAZY, *LAZY);
    println!("{} {:?}", ONCE.get_or_init(|| 7), ONCE.set(8));
    SHARED.lock().unwrap().push(3);
    let held = SHARED.lock().unwrap();
    println!("{held:?} {}", SHARED.try_lock().is_err());
    let lock = RwLock::new(1);
    println!(
        "{} {:?}",
        *lock.read().unwrap() + *lock.read().unwrap(),
        lock.try_write().map(|mut value| *value += 1).is_ok()
    );
    LOCAL.with_borrow_mut(|local| local.push(2));
    CELL.set(CELL.get() + 1);
    println!("{:?} {}", LOCAL.with_borrow(Clone::clone), CELL.get());
    let (sender, receiver) = mpsc::channel();
    for number in 0..3 {
        sender.clone().send(number).unwrap();
    }
    drop(sender);
    println!("{:?} {:?}", receiver.iter().collect::<Vec<i32>>(), receiver.recv());
    let shared = Arc::new(5);
    println!("{} {}", Arc::strong_count(&shared.clone()), shared);
    let before = Instant::now();
    thread::sleep(Duration::from_millis(5));
    println!("{} {:?}", before.elapsed() >= Duration::from_millis(5), thread::current().name());
    println!("{}", SystemTime::now().duration_since(UNIX_EPOCH).unwrap() > Duration::from_secs(1_600_000_000));
}
