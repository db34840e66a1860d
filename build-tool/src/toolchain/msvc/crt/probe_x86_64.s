# Touches every page of a large stack frame, so that the guard page grows the
# stack instead of being jumped over. rax: the frame's size; all registers are
# kept, and the caller moves rsp itself. `__chkstk` is what rustc calls,
# `___chkstk_ms` what C compiled for mingw does.
    .globl __chkstk
    .globl ___chkstk_ms
    .def __chkstk; .scl 2; .type 32; .endef
    .seh_proc __chkstk
__chkstk:
___chkstk_ms:
    pushq %rcx
    .seh_pushreg %rcx
    pushq %rax
    .seh_pushreg %rax
    .seh_endprologue
    cmpq $0x1000, %rax
    leaq 24(%rsp), %rcx         # rsp as the caller had it
    jb 2f
1:  subq $0x1000, %rcx
    testq %rcx, (%rcx)
    subq $0x1000, %rax
    cmpq $0x1000, %rax
    ja 1b
2:  subq %rax, %rcx
    testq %rcx, (%rcx)
    popq %rax
    popq %rcx
    retq
    .seh_endproc
