//! The standard library of the tests: core and alloc, printing, an exit code, and the start of a program, for Linux on
//! x86-64 and arm64. Empty for every other target of the workspace.
#![cfg(mine)]
#![no_std]
#![feature(lang_items)]
#![feature(allow_internal_unstable, format_args_nl)] // println! with its newline in the format string
#![allow(internal_features)]

extern crate alloc as alloc_crate;

pub use alloc_crate::{borrow, boxed, fmt, format, string, vec};
pub use core::{any, array, assert, assert_eq, char, clone, cmp, convert, default, format_args, format_args_nl, hash};
pub use core::{iter, marker, mem, num, ops, option, panic, ptr, result, slice, str, write, writeln};

#[macro_export]
#[allow_internal_unstable(format_args_nl)]
macro_rules! println {
    () => { $crate::io::print($crate::format_args!("\n")) };
    ($($arg:tt)*) => { $crate::io::print($crate::format_args_nl!($($arg)*)) };
}

/// rustc imports `std::prelude::rust_<edition>` into every module of a program.
pub mod prelude {
    pub mod rust_2024 {
        pub use alloc_crate::borrow::ToOwned;
        pub use alloc_crate::boxed::Box;
        pub use alloc_crate::string::{String, ToString};
        pub use alloc_crate::vec::Vec;
        pub use core::prelude::rust_2024::*;
        pub use macros_only::{panic, vec};
        pub use crate::{format, println};

        /// The private modules hide the public ones of the same name, and leave the macros.
        #[allow(hidden_glob_reexports)]
        mod macros_only {
            mod panic {}
            mod vec {}
            pub use crate::*;
        }
    }
}

pub mod io {
    use core::fmt::{Arguments, Result, Write};

    struct Console(usize);

    impl Write for Console {
        fn write_str(&mut self, text: &str) -> Result {
            platform::write(self.0, text.as_bytes());
            Ok(())
        }
    }

    pub fn print(text: Arguments<'_>) {
        let _nobody_reads_it = Console(1).write_fmt(text);
    }

    pub(crate) fn complain(text: Arguments<'_>) {
        let _nobody_reads_it = Console(2).write_fmt(text);
    }
}

pub mod process {
    /// What `main` may return.
    #[lang = "termination"]
    pub trait Termination {
        fn report(self) -> ExitCode;
    }

    pub struct ExitCode(pub(crate) u8);

    impl From<u8> for ExitCode {
        fn from(code: u8) -> Self {
            Self(code)
        }
    }

    impl Termination for () {
        fn report(self) -> ExitCode {
            ExitCode(0)
        }
    }

    impl Termination for ExitCode {
        fn report(self) -> ExitCode {
            self
        }
    }
}

mod start {
    use crate::process::Termination;

    /// rustc makes the C function `main(argc, argv)`, which calls this with the program's `fn main`.
    #[lang = "start"]
    fn start<T: Termination + 'static>(main: fn() -> T, _argc: isize, _argv: *const *const u8, _sigpipe: u8) -> isize {
        isize::from(main().report().0)
    }

    /// Where the kernel starts the program, with argc at the stack pointer and argv above it.
    #[unsafe(naked)]
    #[unsafe(no_mangle)]
    unsafe extern "C" fn _start() -> ! {
        #[cfg(target_arch = "x86_64")]
        core::arch::naked_asm!(
            "mov rdi, [rsp]",
            "lea rsi, [rsp + 8]",
            "and rsp, -16",
            "call main",
            "mov edi, eax",
            "call {exit}",
            exit = sym platform::exit,
        );
        #[cfg(target_arch = "aarch64")]
        core::arch::naked_asm!("ldr x0, [sp]", "add x1, sp, 8", "bl main", "bl {exit}", exit = sym platform::exit);
    }

    #[panic_handler]
    fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
        crate::io::complain(format_args!("{info}\n"));
        platform::exit(101)
    }

    /// The toolchain's core and alloc are compiled to unwind, and name these two. Nothing calls them.
    #[lang = "eh_personality"]
    fn eh_personality() {}

    #[unsafe(no_mangle)]
    extern "C" fn _Unwind_Resume() -> ! {
        platform::exit(102)
    }
}

/// Memory that is handed out once, for programs that end soon.
mod memory {
    use core::alloc::{GlobalAlloc, Layout};
    use core::cell::UnsafeCell;
    use core::sync::atomic::{AtomicUsize, Ordering};

    const SIZE: usize = 64 * 1024;

    struct Memory {
        bytes: UnsafeCell<[u8; SIZE]>,
        used: AtomicUsize,
    }

    // SAFETY: each byte is handed out once.
    unsafe impl Sync for Memory {}

    #[global_allocator]
    static MEMORY: Memory = Memory { bytes: UnsafeCell::new([0; SIZE]), used: AtomicUsize::new(0) };

    // SAFETY: blocks lie in `bytes`, aligned, and none overlaps another.
    unsafe impl GlobalAlloc for Memory {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            let room = layout.size() + layout.align();
            let from = self.used.fetch_add(room, Ordering::Relaxed);
            if from.saturating_add(room) > SIZE {
                return core::ptr::null_mut();
            }
            let place = self.bytes.get().cast::<u8>().wrapping_add(from);
            place.wrapping_add(place.align_offset(layout.align()))
        }

        unsafe fn dealloc(&self, _block: *mut u8, _layout: Layout) {}
    }
}

/// What the compiler calls by name. Volatile, so that no optimiser turns a loop into a call of itself.
mod by_name {
    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
        for at in 0..count {
            unsafe { to.add(at).write_volatile(from.add(at).read_volatile()) };
        }
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
        if to.addr().wrapping_sub(from.addr()) >= count {
            return unsafe { memcpy(to, from, count) };
        }
        for at in (0..count).rev() {
            unsafe { to.add(at).write_volatile(from.add(at).read_volatile()) };
        }
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
        for at in 0..count {
            unsafe { to.add(at).write_volatile(byte as u8) };
        }
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
        for at in 0..count {
            let (x, y) = unsafe { (a.add(at).read_volatile(), b.add(at).read_volatile()) };
            if x != y {
                return i32::from(x) - i32::from(y);
            }
        }
        0
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
        unsafe { memcmp(a, b, count) }
    }

    /// What the processor can do beyond the least: nothing is known.
    #[cfg(target_arch = "aarch64")]
    #[unsafe(no_mangle)]
    extern "C" fn getauxval(_kind: usize) -> usize {
        0
    }
}
