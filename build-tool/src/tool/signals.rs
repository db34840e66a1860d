//! Ctrl-C and SIGTERM: the children are asked to end, and made to after a
//! while or at the second signal; finished files and the journal stay.

use std::time::Duration;

use super::Launcher;

/// How long children may take to end before they are made to.
const GRACE: Duration = Duration::from_secs(5);

/// Runs `work`; a signal meanwhile cancels what `launcher` started.
#[cfg(unix)]
pub(crate) fn watch<T>(launcher: &Launcher, work: impl FnOnce() -> T) -> T {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return work() };
    let handle = signals.handle();
    let (ended, over) = crossbeam_channel::bounded::<()>(0);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for signal in signals.forever() {
                if launcher.cancelled().is_some() {
                    launcher.kill();
                    continue;
                }
                launcher.cancel(signal);
                let over = over.clone();
                scope.spawn(move || {
                    if over.recv_timeout(GRACE) == Err(crossbeam_channel::RecvTimeoutError::Timeout) {
                        launcher.kill();
                    }
                });
            }
        });
        let result = work();
        handle.close();
        drop(ended);
        result
    })
}

/// Elsewhere the console's own handling ends the whole process tree.
#[cfg(not(unix))]
pub(crate) fn watch<T>(_launcher: &Launcher, work: impl FnOnce() -> T) -> T {
    let _ = GRACE;
    work()
}
