//! The functions that the compiler may call by name and that no C library gives. Each is written as the instructions
//! themselves, so that no optimiser turns it into a call of itself.
#[cfg(not(target_os = "macos"))]
mod functions {
    use core::arch::asm;

    /// Copies forwards.
    ///
    /// # Safety
    /// As memcpy; where both overlap, `to` lies before `from`.
    #[inline(always)]
    unsafe fn copy_forwards(to: *mut u8, from: *const u8, count: usize) {
        // SAFETY: as asked above; the direction flag is clear in all code.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            asm!("rep movsb", inout("rcx") count => _, inout("rdi") to => _, inout("rsi") from => _,
                options(nostack, preserves_flags));
        }
        // SAFETY: as asked above. Words may be unaligned on this architecture; a whole one is read before it is written.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            asm!(
                "b 3f",
                "2: ldr {word}, [{from}], #8", "str {word}, [{to}], #8", "sub {count}, {count}, #8",
                "3: cmp {count}, #8", "b.hs 2b",
                "b 5f",
                "4: ldrb {word:w}, [{from}], #1", "strb {word:w}, [{to}], #1", "sub {count}, {count}, #1",
                "5: cbnz {count}, 4b",
                count = inout(reg) count => _, to = inout(reg) to => _, from = inout(reg) from => _, word = out(reg) _,
                options(nostack));
        }
    }

    /// Copies from the end.
    ///
    /// # Safety
    /// As memmove; where both overlap, `to` lies behind `from`.
    #[inline(always)]
    unsafe fn copy_backwards(to: *mut u8, from: *const u8, count: usize) {
        // SAFETY: as asked above; the direction flag is cleared again.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            asm!("std", "rep movsb", "cld", inout("rcx") count => _, inout("rdi") to.wrapping_add(count).wrapping_sub(1) => _,
                inout("rsi") from.wrapping_add(count).wrapping_sub(1) => _, options(nostack));
        }
        // SAFETY: as asked above.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            asm!(
                "b 3f",
                "2: ldr {word}, [{from}, #-8]!", "str {word}, [{to}, #-8]!", "sub {count}, {count}, #8",
                "3: cmp {count}, #8", "b.hs 2b",
                "b 5f",
                "4: ldrb {word:w}, [{from}, #-1]!", "strb {word:w}, [{to}, #-1]!", "sub {count}, {count}, #1",
                "5: cbnz {count}, 4b",
                count = inout(reg) count => _, to = inout(reg) to.wrapping_add(count) => _,
                from = inout(reg) from.wrapping_add(count) => _, word = out(reg) _, options(nostack));
        }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
        // SAFETY: the caller's.
        unsafe { copy_forwards(to, from, count) };
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
        if to.addr().wrapping_sub(from.addr()) >= count {
            // SAFETY: a forward copy never reads what it wrote.
            unsafe { copy_forwards(to, from, count) };
        } else {
            // SAFETY: nor does a backward one here.
            unsafe { copy_backwards(to, from, count) };
        }
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
        // SAFETY: the caller's.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            asm!("rep stosb", inout("rcx") count => _, inout("rdi") to => _, in("al") byte as u8,
                options(nostack, preserves_flags));
        }
        // SAFETY: the caller's.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            let word = u64::from(byte as u8) * 0x0101_0101_0101_0101;
            asm!(
                "b 3f",
                "2: str {word}, [{to}], #8", "sub {count}, {count}, #8",
                "3: cmp {count}, #8", "b.hs 2b",
                "b 5f",
                "4: strb {word:w}, [{to}], #1", "sub {count}, {count}, #1",
                "5: cbnz {count}, 4b",
                count = inout(reg) count => _, to = inout(reg) to => _, word = in(reg) word, options(nostack));
        }
        to
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
        for place in 0..count {
            // SAFETY: both have so many bytes. Volatile: else this loop would be taken for a memcmp.
            let (x, y) = unsafe { (a.add(place).read_volatile(), b.add(place).read_volatile()) };
            if x != y {
                return i32::from(x) - i32::from(y);
            }
        }
        0
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, count: usize) -> i32 {
        // SAFETY: the caller's.
        unsafe { memcmp(a, b, count) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn strlen(text: *const u8) -> usize {
        let mut length = 0;
        // SAFETY: the text ends with a zero.
        while unsafe { text.add(length).read_volatile() } != 0 {
            length += 1;
        }
        length
    }
}
