//! What the standard library of the tests is built on: two system calls of Linux.
#![no_std]

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
