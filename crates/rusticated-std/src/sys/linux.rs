//! Linux: the start of a program, and a few system calls.
use core::arch::{asm, naked_asm};

#[cfg(target_arch = "x86_64")]
mod number {
    pub(super) const WRITE: usize = 1;
    pub(super) const MMAP: usize = 9;
    pub(super) const MUNMAP: usize = 11;
    pub(super) const RT_SIGACTION: usize = 13;
    pub(super) const MREMAP: usize = 25;
    pub(super) const FCNTL: usize = 72;
    pub(super) const GETTID: usize = 186;
    pub(super) const OPENAT: usize = 257;
    pub(super) const GETRANDOM: usize = 318;
}

#[cfg(target_arch = "aarch64")]
mod number {
    pub(super) const FCNTL: usize = 25;
    pub(super) const OPENAT: usize = 56;
    pub(super) const WRITE: usize = 64;
    pub(super) const RT_SIGACTION: usize = 134;
    pub(super) const GETTID: usize = 178;
    pub(super) const MUNMAP: usize = 215;
    pub(super) const MREMAP: usize = 216;
    pub(super) const MMAP: usize = 222;
    pub(super) const GETRANDOM: usize = 278;
}

/// Makes a system call; a negative result is an error.
///
/// # Safety
/// As the system call of that number asks.
unsafe fn call(number: usize, a: [usize; 6]) -> isize {
    let result: isize;
    // SAFETY: as asked above; the kernel keeps all other registers.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        asm!("syscall", inlateout("rax") number => result, in("rdi") a[0], in("rsi") a[1], in("rdx") a[2],
            in("r10") a[3], in("r8") a[4], in("r9") a[5], lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    // SAFETY: as asked above; the kernel keeps all other registers.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        asm!("svc 0", in("x8") number, inlateout("x0") a[0] => result, in("x1") a[1], in("x2") a[2], in("x3") a[3],
            in("x4") a[4], in("x5") a[5], options(nostack));
    }
    result
}

/// The entry point: the kernel leaves argc at the stack pointer and argv above it. `main` is what rustc makes of the
/// program's own.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "xor ebp, ebp",
        "mov rdi, [rsp]",
        "lea rsi, [rsp + 8]",
        "and rsp, -16",
        "call main",
        "mov edi, eax",
        "call {exit}",
        "ud2",
        exit = sym exit,
    )
}

/// As above; the stack pointer is aligned already.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "mov x29, #0",
        "mov x30, #0",
        "ldr x0, [sp]",
        "add x1, sp, #8",
        "bl main",
        "bl {exit}",
        "brk #1",
        exit = sym exit,
    )
}

extern "C" fn exit(code: i32) -> ! {
    rusticated::process::exit(code)
}

/// As std: the standard streams that the program was started without lead nowhere, so that no file takes their
/// numbers; and who writes to a pipe that nobody reads gets an error, not a signal.
pub(crate) fn prepare() {
    const GET_FLAGS: usize = 1;
    const CURRENT_FOLDER: isize = -100;
    const READ_WRITE: usize = 2;
    const PIPE: usize = 13;
    for descriptor in 0..3 {
        // SAFETY: asks only; the name ends with a zero.
        unsafe {
            if call(number::FCNTL, [descriptor, GET_FLAGS, 0, 0, 0, 0]) < 0 {
                let name = c"/dev/null".as_ptr().addr();
                call(number::OPENAT, [CURRENT_FOLDER as usize, name, READ_WRITE, 0, 0, 0]);
            }
        }
    }
    // The handler "ignore", no flags, no restorer, no other signals held back.
    let ignore: [usize; 4] = [1, 0, 0, 0];
    // SAFETY: the kernel reads the four words.
    unsafe { call(number::RT_SIGACTION, [PIPE, ignore.as_ptr().addr(), 0, 8, 0, 0]) };
}

/// Writes to the standard error, and does not mind if nobody reads it.
pub(crate) fn write_error(mut bytes: &[u8]) {
    while !bytes.is_empty() {
        // SAFETY: the kernel reads the bytes.
        let count = unsafe { call(number::WRITE, [2, bytes.as_ptr().addr(), bytes.len(), 0, 0, 0]) };
        match bytes.get(count as usize..) {
            Some(rest) => bytes = rest,
            None => break,
        }
    }
}

/// What the system calls this thread.
pub(crate) fn thread_id() -> u64 {
    // SAFETY: it has no arguments.
    unsafe { call(number::GETTID, [0; 6]) as u64 }
}

/// Two numbers that nobody can guess; zeros where the kernel has none to give.
pub(crate) fn random() -> [u64; 2] {
    let mut numbers = [0; 2];
    // SAFETY: the kernel writes 16 bytes.
    unsafe { call(number::GETRANDOM, [numbers.as_mut_ptr().addr(), 16, 0, 0, 0, 0]) };
    numbers
}

/// Fresh memory from the kernel, which begins and ends with a page; null if there is none.
pub(crate) fn map(length: usize) -> *mut u8 {
    const READ_WRITE: usize = 3;
    const PRIVATE_ANONYMOUS: usize = 0x22;
    // SAFETY: no address is asked for, so that nothing is mapped over.
    pointer(unsafe { call(number::MMAP, [0, length, READ_WRITE, PRIVATE_ANONYMOUS, usize::MAX, 0]) })
}

/// Gives memory back.
///
/// # Safety
/// It is of [`map`], whole pages, and nobody uses it any more.
pub(crate) unsafe fn unmap(place: *mut u8, length: usize) {
    // SAFETY: as asked above.
    unsafe { call(number::MUNMAP, [place.addr(), length, 0, 0, 0, 0]) };
}

/// Makes a mapping longer or shorter, elsewhere if need be; null if there is no memory, and all is as before.
///
/// # Safety
/// It is a whole one of [`map`]; what is cut off, or all if it moves, is used no more.
pub(crate) unsafe fn remap(place: *mut u8, length: usize, new: usize) -> *mut u8 {
    const MAY_MOVE: usize = 1;
    // SAFETY: as asked above.
    pointer(unsafe { call(number::MREMAP, [place.addr(), length, new, MAY_MOVE, 0, 0]) })
}

fn pointer(result: isize) -> *mut u8 {
    if result < 0 { core::ptr::null_mut() } else { core::ptr::with_exposed_provenance_mut(result as usize) }
}
