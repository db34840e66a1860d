//! What a panic does: it says std's words, and aborts.
use core::fmt::{self, Write};
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::sys;

/// Whether there is a panic already: its message may be what panics.
static PANICKING: AtomicBool = AtomicBool::new(false);

/// The standard error without the runtime, which may be what is broken.
struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        sys::write_error(text.as_bytes());
        Ok(())
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    if !PANICKING.swap(true, Ordering::Relaxed) {
        let thread = sys::thread_id();
        if let Some(place) = info.location() {
            let _ = write!(Console, "\nthread 'main' ({thread}) panicked at {place}:\n{}\n", info.message());
        }
    }
    rusticated::process::abort()
}

/// The toolchain's core and alloc are compiled to unwind, so they name these two. Nothing calls them.
mod unwinding {
    #[lang = "eh_personality"]
    fn eh_personality() {}

    #[cfg(not(windows))]
    #[unsafe(no_mangle)]
    extern "C" fn _Unwind_Resume() -> ! {
        rusticated::process::abort()
    }

    #[cfg(windows)]
    #[unsafe(no_mangle)]
    extern "C" fn __CxxFrameHandler3() -> ! {
        rusticated::process::abort()
    }
}
