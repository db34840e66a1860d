//! Signals beside a handler of somebody else's. They are the whole process's: this file has one test.
#![cfg(target_os = "linux")]
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rusticated::rt;
use rusticated::signal::{Signal, Signals, signal_wait};
use rusticated::time::sleep;
use support::run;

mod support;

#[test]
fn signals_that_came_in_and_were_not_told_are_not_lost() {
    const SIGUSR1: i32 = 10;
    const SIGUSR2: i32 = 12;
    static SEEN: AtomicU32 = AtomicU32::new(0);
    extern "C" fn on_signal(signal: i32) {
        SEEN.fetch_or(1 << signal, Ordering::Relaxed);
    }
    #[allow(unsafe_code, reason = "signals are the libc's")]
    unsafe extern "C" {
        safe fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
        safe fn raise(number: i32) -> i32;
    }
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, on_signal);
    let both = Signals::new().with(Signal::User1).with(Signal::User2);
    let raise_both = || assert_eq!((raise(SIGUSR1), raise(SIGUSR2)), (0, 0));
    let are_seen = async |signals: u32| {
        while SEEN.load(Ordering::Relaxed) & signals != signals {
            sleep(Duration::from_millis(1)).await;
        }
    };
    run(async {
        // Two at once: one is told, and the other does what it did before.
        let (told, ()) = rt::join(signal_wait(both), async { raise_both() }).await;
        assert_eq!(told?, Signal::User1);
        are_seen(1 << SIGUSR2).await;
        assert_eq!(SEEN.swap(0, Ordering::Relaxed), 1 << SIGUSR2);
        // Nobody waits for the end.
        let waited = rt::select(signal_wait(both), async { raise_both() }).await;
        assert!(matches!(waited, rt::Either::Right(())));
        are_seen(1 << SIGUSR1 | 1 << SIGUSR2).await;
        // Another is still told.
        let other = rt::spawn(signal_wait(Signals::new().with(Signal::User2)));
        rt::yield_now().await;
        SEEN.store(0, Ordering::Relaxed);
        let (told, ()) = rt::join(signal_wait(both), async { raise_both() }).await;
        assert_eq!((told?, other.await.unwrap()?), (Signal::User1, Signal::User2));
        assert_eq!(SEEN.load(Ordering::Relaxed), 0);
        Ok(())
    });
}
