//! System calls by number. The crate also is the base of a standard library that has no libc: the kernel's own
//! interface is the only one used for input and output.
#![allow(unsafe_code, reason = "system calls")]
use core::arch::asm;

use crate::io;

#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
mod number;

#[allow(unused_imports, reason = "each system call has a user, some on one architecture only")]
pub(crate) use number::*;

/// Error numbers, the same on both architectures.
pub(crate) mod errno {
    pub(crate) const EPERM: i32 = 1;
    pub(crate) const ENOENT: i32 = 2;
    pub(crate) const EINTR: i32 = 4;
    pub(crate) const EAGAIN: i32 = 11;
    pub(crate) const EACCES: i32 = 13;
    pub(crate) const EBUSY: i32 = 16;
    pub(crate) const EEXIST: i32 = 17;
    pub(crate) const ENOTDIR: i32 = 20;
    pub(crate) const EINVAL: i32 = 22;
    pub(crate) const ERANGE: i32 = 34;
    pub(crate) const ENOSYS: i32 = 38;
    pub(crate) const ELOOP: i32 = 40;
    pub(crate) const ETIME: i32 = 62;
    pub(crate) const EALREADY: i32 = 114;
    pub(crate) const EINPROGRESS: i32 = 115;
    pub(crate) const ECANCELED: i32 = 125;
}

/// Makes a system call of at most three arguments.
///
/// # Safety
/// As the call itself asks.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) unsafe fn call3(number: usize, a: usize, b: usize, c: usize) -> isize {
    let result;
    // SAFETY: the kernel changes no registers but these.
    unsafe {
        asm!("syscall", inlateout("rax") number => result, in("rdi") a, in("rsi") b, in("rdx") c,
            lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}

/// Makes a system call of at most six arguments.
///
/// # Safety
/// As the call itself asks.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) unsafe fn call6(number: usize, arguments: [usize; 6]) -> isize {
    let [a, b, c, d, e, f] = arguments;
    let result;
    // SAFETY: the kernel changes no registers but these.
    unsafe {
        asm!("syscall", inlateout("rax") number => result, in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d,
            in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}

/// Makes a system call of at most three arguments.
///
/// # Safety
/// As the call itself asks.
#[cfg(target_arch = "aarch64")]
#[inline]
pub(crate) unsafe fn call3(number: usize, a: usize, b: usize, c: usize) -> isize {
    let result;
    // SAFETY: the kernel changes no registers but these.
    unsafe {
        asm!("svc 0", in("x8") number, inlateout("x0") a => result, in("x1") b, in("x2") c, options(nostack));
    }
    result
}

/// Makes a system call of at most six arguments.
///
/// # Safety
/// As the call itself asks.
#[cfg(target_arch = "aarch64")]
#[inline]
pub(crate) unsafe fn call6(number: usize, arguments: [usize; 6]) -> isize {
    let [a, b, c, d, e, f] = arguments;
    let result;
    // SAFETY: the kernel changes no registers but these.
    unsafe {
        asm!("svc 0", in("x8") number, inlateout("x0") a => result, in("x1") b, in("x2") c, in("x3") d, in("x4") e,
            in("x5") f, options(nostack));
    }
    result
}

/// Makes a system call with as many arguments as are written.
macro_rules! syscall {
    ($number:expr) => { $crate::backend::syscall::call3($number, 0, 0, 0) };
    ($number:expr, $a:expr) => { $crate::backend::syscall::call3($number, $a as usize, 0, 0) };
    ($number:expr, $a:expr, $b:expr) => { $crate::backend::syscall::call3($number, $a as usize, $b as usize, 0) };
    ($number:expr, $a:expr, $b:expr, $c:expr) => {
        $crate::backend::syscall::call3($number, $a as usize, $b as usize, $c as usize)
    };
    ($number:expr, $a:expr, $b:expr, $c:expr, $d:expr) => {
        $crate::backend::syscall::call6($number, [$a as usize, $b as usize, $c as usize, $d as usize, 0, 0])
    };
    ($number:expr, $a:expr, $b:expr, $c:expr, $d:expr, $e:expr) => {
        $crate::backend::syscall::call6($number, [$a as usize, $b as usize, $c as usize, $d as usize, $e as usize, 0])
    };
    ($number:expr, $a:expr, $b:expr, $c:expr, $d:expr, $e:expr, $f:expr) => {
        $crate::backend::syscall::call6(
            $number,
            [$a as usize, $b as usize, $c as usize, $d as usize, $e as usize, $f as usize],
        )
    };
}
pub(crate) use syscall;

/// What a system call gave, as a result.
pub(crate) fn check(result: isize) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::from_raw_os_error(-result as i32))
}

/// Makes a call again as long as a signal interrupts it.
pub(crate) fn again(mut call: impl FnMut() -> isize) -> io::Result<usize> {
    loop {
        let result = call();
        if result != -(errno::EINTR as isize) {
            return check(result);
        }
    }
}
