// setjmp and longjmp that restore registers and unwind nothing: Lua and QuickJS
// jump over Rust's frames, which must not take that for a panic. On x86-64
// ucrtbase.dll does this when the jump buffer names no frame; for arm64 mingw's
// <setjmp.h> calls these two. The layout is `_JUMP_BUFFER` of that header, and
// what is saved is what the ABI says a function keeps: x19 to x30, sp, d8 to d15,
// and the floating-point control and status registers.
    .globl __mingw_setjmp
    .def __mingw_setjmp; .scl 2; .type 32; .endef
    .p2align 2
__mingw_setjmp:                 // x0: the buffer; returns 0
    str xzr, [x0]               // no frame: nothing to unwind to
    stp x19, x20, [x0, #0x10]
    stp x21, x22, [x0, #0x20]
    stp x23, x24, [x0, #0x30]
    stp x25, x26, [x0, #0x40]
    stp x27, x28, [x0, #0x50]
    stp x29, x30, [x0, #0x60]
    mov x2, sp
    str x2, [x0, #0x70]
    mrs x2, fpcr
    str w2, [x0, #0x78]
    mrs x2, fpsr
    str w2, [x0, #0x7c]
    stp d8, d9, [x0, #0x80]
    stp d10, d11, [x0, #0x90]
    stp d12, d13, [x0, #0xa0]
    stp d14, d15, [x0, #0xb0]
    mov w0, #0
    ret

    .globl __mingw_longjmp
    .def __mingw_longjmp; .scl 2; .type 32; .endef
    .p2align 2
__mingw_longjmp:                // x0: the buffer, w1: what setjmp returns now
    ldp x19, x20, [x0, #0x10]
    ldp x21, x22, [x0, #0x20]
    ldp x23, x24, [x0, #0x30]
    ldp x25, x26, [x0, #0x40]
    ldp x27, x28, [x0, #0x50]
    ldp x29, x30, [x0, #0x60]
    ldr x2, [x0, #0x70]
    mov sp, x2
    ldr w2, [x0, #0x78]
    msr fpcr, x2
    ldr w2, [x0, #0x7c]
    msr fpsr, x2
    ldp d8, d9, [x0, #0x80]
    ldp d10, d11, [x0, #0x90]
    ldp d12, d13, [x0, #0xa0]
    ldp d14, d15, [x0, #0xb0]
    cmp w1, #0
    csinc w0, w1, wzr, ne       // setjmp never returns 0 twice (C standard, 7.13.2.1)
    ret
