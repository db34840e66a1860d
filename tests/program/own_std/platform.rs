//! What the standard library of the tests is built on: a way to write, and one to end.
#![no_std]

#[cfg(target_os = "linux")]
pub use linux::{exit, write};
#[cfg(windows)]
pub use windows::{exit, write};

/// System calls.
#[cfg(target_os = "linux")]
mod linux {
    use core::arch::asm;

    /// Writes to a descriptor; whether it could is of no interest.
    pub fn write(descriptor: usize, bytes: &[u8]) {
        // SAFETY: the kernel reads `bytes`, which outlives the call, and changes the registers that are named.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            asm!("syscall", inlateout("rax") 1usize => _, in("rdi") descriptor, in("rsi") bytes.as_ptr(),
                in("rdx") bytes.len(), lateout("rcx") _, lateout("r11") _, options(nostack));
        }
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            asm!("svc 0", in("x8") 64, inlateout("x0") descriptor => _, in("x1") bytes.as_ptr(), in("x2") bytes.len(),
                options(nostack));
        }
    }

    /// Ends the process.
    pub extern "C" fn exit(code: i32) -> ! {
        // SAFETY: the call does not return.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            asm!("syscall", in("rax") 231, in("rdi") code, options(noreturn, nostack))
        }
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            asm!("svc 0", in("x8") 94, in("x0") code, options(noreturn, nostack))
        }
    }
}

/// Functions of kernel32.dll, which every process has.
#[cfg(windows)]
mod windows {
    use core::ffi::c_void;

    #[link(name = "kernel32", kind = "raw-dylib")]
    unsafe extern "system" {
        fn GetStdHandle(which: u32) -> *mut c_void;
        fn WriteFile(file: *mut c_void, bytes: *const u8, count: u32, written: *mut u32, at: *mut c_void) -> i32;
        fn ExitProcess(code: u32) -> !;
    }

    /// Writes to a descriptor, 1 or 2; whether it could is of no interest.
    pub fn write(descriptor: usize, bytes: &[u8]) {
        // STD_OUTPUT_HANDLE is -11, STD_ERROR_HANDLE -12.
        let which = (-10i32 - descriptor as i32) as u32;
        // SAFETY: the system reads `bytes` and writes to `written`, and both outlive the call.
        unsafe {
            let mut written = 0;
            WriteFile(GetStdHandle(which), bytes.as_ptr(), bytes.len() as u32, &mut written, core::ptr::null_mut());
        }
    }

    /// Ends the process.
    pub extern "C" fn exit(code: i32) -> ! {
        // SAFETY: the call takes any number, and does not return.
        unsafe { ExitProcess(code as u32) }
    }
}
