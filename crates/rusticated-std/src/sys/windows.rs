//! Windows: the start of a program without a C runtime, and a few calls.
use core::ffi::c_void;

#[link(name = "kernel32", kind = "raw-dylib")]
unsafe extern "system" {
    safe fn GetStdHandle(which: u32) -> isize;
    safe fn GetCurrentThreadId() -> u32;
    fn WriteFile(handle: isize, bytes: *const u8, count: u32, written: *mut u32, overlapped: *mut c_void) -> i32;
}

#[link(name = "advapi32", kind = "raw-dylib")]
unsafe extern "system" {
    /// `RtlGenRandom`, under the name that the library has it by. (`ProcessPrng` is younger, and Wine 8 has none.)
    fn SystemFunction036(bytes: *mut u8, count: u32) -> u8;
}

// What the compiler calls for floating-point numbers by these names. The library belongs to Windows since 10; it is
// loaded only with programs that use one of them.
#[allow(dead_code, reason = "called by name")]
#[link(name = "ucrtbase", kind = "raw-dylib")]
unsafe extern "C" {
    safe fn cbrt(number: f64) -> f64;
    safe fn cbrtf(number: f32) -> f32;
    safe fn ceil(number: f64) -> f64;
    safe fn ceilf(number: f32) -> f32;
    safe fn floor(number: f64) -> f64;
    safe fn floorf(number: f32) -> f32;
    safe fn fma(a: f64, b: f64, c: f64) -> f64;
    safe fn fmaf(a: f32, b: f32, c: f32) -> f32;
    safe fn fmod(a: f64, b: f64) -> f64;
    safe fn fmodf(a: f32, b: f32) -> f32;
    safe fn pow(number: f64, exponent: f64) -> f64;
    safe fn powf(number: f32, exponent: f32) -> f32;
    safe fn rint(number: f64) -> f64;
    safe fn rintf(number: f32) -> f32;
    safe fn round(number: f64) -> f64;
    safe fn roundf(number: f32) -> f32;
    safe fn trunc(number: f64) -> f64;
    safe fn truncf(number: f32) -> f32;
}

unsafe extern "C" {
    /// What rustc makes of the program's own.
    fn main(count: i32, arguments: *const *const u8) -> i32;
}

/// The entry point. The system is asked for the arguments when they are wanted.
#[unsafe(no_mangle)]
unsafe extern "system" fn mainCRTStartup() -> ! {
    // SAFETY: rustc's `main` hands both on to `lang_start`, which uses neither.
    rusticated::process::exit(unsafe { main(0, core::ptr::null()) })
}

/// What the compiler calls before a function takes more than a page of the stack, in its own convention: the size is
/// in rax, and all registers are kept. Each page is touched, since the system adds them one by one.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn __chkstk() {
    core::arch::naked_asm!(
        "push rcx",
        "push rax",
        "lea rcx, [rsp + 24]",
        "2: cmp rax, 0x1000",
        "jb 3f",
        "sub rcx, 0x1000",
        "test [rcx], rcx",
        "sub rax, 0x1000",
        "jmp 2b",
        "3: sub rcx, rax",
        "test [rcx], rcx",
        "pop rax",
        "pop rcx",
        "ret",
    )
}

/// As on x86-64: the size is in x15, in units of 16 bytes, and x16 and x17 are free.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn __chkstk() {
    core::arch::naked_asm!(
        "lsl x16, x15, #4",
        "mov x17, sp",
        "2: sub x17, x17, #4096",
        "subs x16, x16, #4096",
        "ldr xzr, [x17]",
        "b.gt 2b",
        "ret",
    )
}

/// Names that the compiler makes objects refer to where floating point is used.
#[unsafe(no_mangle)]
static _fltused: i32 = 0;

pub(crate) fn prepare() {}

/// Writes to the standard error, and does not mind if nobody reads it.
pub(crate) fn write_error(bytes: &[u8]) {
    const STD_ERROR_HANDLE: u32 = -12i32 as u32;
    let mut written = 0;
    // SAFETY: the system reads the bytes and writes the number.
    unsafe {
        WriteFile(
            GetStdHandle(STD_ERROR_HANDLE),
            bytes.as_ptr(),
            bytes.len() as u32,
            &mut written,
            core::ptr::null_mut(),
        );
    }
}

/// What the system calls this thread.
pub(crate) fn thread_id() -> u64 {
    GetCurrentThreadId().into()
}

/// Two numbers that nobody can guess.
pub(crate) fn random() -> [u64; 2] {
    let mut numbers = [0u64; 2];
    // SAFETY: it writes 16 bytes.
    unsafe { SystemFunction036(numbers.as_mut_ptr().cast(), 16) };
    numbers
}
