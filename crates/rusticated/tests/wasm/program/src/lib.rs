//! Behaviours that the module is held to, run by `../host/module.mjs`: each begins with `start`, and tells that it has
//! passed. std is here for its allocator and its panics only.
#![allow(unsafe_code, reason = "functions of the host")]
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;

use rusticated::rt::{self, JoinHandle};

mod files;
mod host;
mod others;
mod sockets;

/// What may go wrong is told by a panic.
pub type Behaviour = fn() -> Pin<Box<dyn Future<Output = ()>>>;

#[link(wasm_import_module = "testing")]
unsafe extern "C" {
    fn passed();
    fn failed(text: *const u8, length: usize);
    fn folder(place: *mut u8, capacity: usize) -> usize;
}

/// Names the functions, and puts them into a list.
#[macro_export]
macro_rules! behaviours {
    ($($name:ident),* $(,)?) => {
        pub const ALL: &[(&str, $crate::Behaviour)] = &[$((stringify!($name), || Box::pin($name()))),*];
    };
}

fn all() -> impl Iterator<Item = &'static (&'static str, Behaviour)> {
    [files::ALL, sockets::ALL, others::ALL, host::ALL].into_iter().flatten()
}

thread_local!(static RUNNING: RefCell<Option<JoinHandle<()>>> = const { RefCell::new(None) });

#[unsafe(no_mangle)]
extern "C" fn count() -> usize {
    all().count()
}

#[unsafe(no_mangle)]
extern "C" fn name(nth: usize) -> *const u8 {
    all().nth(nth).map_or(std::ptr::null(), |(name, _)| name.as_ptr())
}

#[unsafe(no_mangle)]
extern "C" fn name_length(nth: usize) -> usize {
    all().nth(nth).map_or(0, |(name, _)| name.len())
}

/// Begins a behaviour. It runs in the host's ticks, or in `finish`.
#[unsafe(no_mangle)]
extern "C" fn start(nth: usize) {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.to_string();
        // SAFETY: the host copies the text before it answers.
        unsafe { failed(text.as_ptr(), text.len()) }
    }));
    let (_, behaviour) = all().nth(nth).expect("the host knows how many there are");
    let task = rt::spawn(async {
        behaviour().await;
        // SAFETY: takes nothing.
        unsafe { passed() }
    });
    RUNNING.set(Some(task));
}

/// Runs it to its end, on a host that can block.
#[unsafe(no_mangle)]
extern "C" fn finish() {
    let task = RUNNING.take().expect("it was started");
    rt::block_on(task).expect("nobody cancels it");
}

/// The path of something in the folder that the test may fill.
pub fn path(name: &str) -> String {
    let mut bytes = vec![0; 4096];
    // SAFETY: the host writes no more than that.
    let length = unsafe { folder(bytes.as_mut_ptr(), bytes.len()) };
    bytes.truncate(length);
    format!("{}/{name}", String::from_utf8(bytes).expect("the host's text is UTF-8"))
}
