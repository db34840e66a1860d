//! Threads and children on a stack of their own.
#![allow(unsafe_code, reason = "what begins on another stack is written in assembler")]
use core::arch::naked_asm;

use super::syscall;

/// Makes the system call of that number, `clone` or `clone3`, with three arguments. The new stack holds a function, its
/// argument, and where the stack itself begins and how long it is: the child calls the function, and if that returns,
/// unmaps the stack and ends.
///
/// # Safety
/// As the call itself asks; the stack is as described, and nobody else uses it.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(super) unsafe extern "C" fn clone(number: usize, a: usize, b: usize, c: usize) -> isize {
    naked_asm!(
        "mov rax, rdi",
        "mov rdi, rsi",
        "mov rsi, rdx",
        "mov rdx, rcx",
        "xor r10d, r10d",
        "xor r8d, r8d",
        "syscall",
        "test rax, rax",
        "jz 2f",
        "ret",
        "2: xor ebp, ebp",
        "pop rax",
        "pop rdi",
        "call rax",
        "pop rdi",
        "pop rsi",
        "mov eax, {munmap}",
        "syscall",
        "xor edi, edi",
        "mov eax, {exit}",
        "syscall",
        "ud2",
        munmap = const syscall::MUNMAP,
        exit = const syscall::EXIT,
    )
}

/// As on x86-64.
///
/// # Safety
/// As there.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
pub(super) unsafe extern "C" fn clone(number: usize, a: usize, b: usize, c: usize) -> isize {
    naked_asm!(
        "mov x8, x0",
        "mov x0, x1",
        "mov x1, x2",
        "mov x2, x3",
        "mov x3, xzr",
        "mov x4, xzr",
        "svc 0",
        "cbz x0, 2f",
        "ret",
        "2: mov x29, xzr",
        "ldp x1, x0, [sp]",
        "blr x1",
        "ldp x0, x1, [sp, 16]",
        "mov x8, {munmap}",
        "svc 0",
        "mov x0, xzr",
        "mov x8, {exit}",
        "svc 0",
        "brk 1",
        munmap = const syscall::MUNMAP,
        exit = const syscall::EXIT,
    )
}
