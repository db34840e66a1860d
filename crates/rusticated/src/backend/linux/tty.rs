//! Terminals.
#![allow(unsafe_code, reason = "system calls")]
use super::call::AT_FDCWD;
use super::handle::{Handle, RawHandle};
use super::syscall::{self, syscall};
use crate::io;
use crate::tty::Size;

const TCGETS: usize = 0x5401;
const TCSETS: usize = 0x5402;
const TIOCGWINSZ: usize = 0x5413;

/// The kernel's `struct termios`.
#[derive(Clone, Debug)]
#[repr(C)]
pub(crate) struct Mode {
    input: u32,
    output: u32,
    control: u32,
    local: u32,
    line: u8,
    characters: [u8; 19],
}

const VTIME: usize = 5;
const VMIN: usize = 6;
/// `IGNBRK BRKINT PARMRK ISTRIP INLCR IGNCR ICRNL IXON`
const INPUT: u32 = 0o1 | 0o2 | 0o10 | 0o40 | 0o100 | 0o200 | 0o400 | 0o2_000;
const OPOST: u32 = 0o1;
/// `ISIG ICANON ECHO ECHONL IEXTEN`
const LOCAL: u32 = 0o1 | 0o2 | 0o10 | 0o100 | 0o100_000;
/// `CSIZE PARENB`
const CONTROL: u32 = 0o60 | 0o400;
/// Eight bits a character.
const CS8: u32 = 0o60;

impl Mode {
    /// As `cfmakeraw` has it: each byte as it comes, and nothing done with it.
    pub(crate) fn raw(&self) -> Self {
        let mut raw = self.clone();
        raw.input &= !INPUT;
        raw.output &= !OPOST;
        raw.local &= !LOCAL;
        raw.control = raw.control & !CONTROL | CS8;
        raw.characters[VMIN] = 1;
        raw.characters[VTIME] = 0;
        raw
    }
}

pub(crate) fn is_terminal(handle: RawHandle) -> bool {
    mode(handle).is_ok()
}

pub(crate) fn size(handle: RawHandle) -> io::Result<Size> {
    let mut size = [0u16; 4]; // rows, columns, and both in pixels
    // SAFETY: the kernel writes four numbers.
    syscall::check(unsafe { syscall!(syscall::IOCTL, handle, TIOCGWINSZ, size.as_mut_ptr()) })?;
    Ok(Size { columns: size[1], rows: size[0] })
}

pub(crate) fn mode(handle: RawHandle) -> io::Result<Mode> {
    let mut mode = Mode { input: 0, output: 0, control: 0, local: 0, line: 0, characters: [0; 19] };
    // SAFETY: the kernel writes the mode only.
    syscall::check(unsafe { syscall!(syscall::IOCTL, handle, TCGETS, &raw mut mode) })?;
    Ok(mode)
}

pub(crate) fn set_mode(handle: RawHandle, mode: &Mode) -> io::Result<()> {
    // SAFETY: the kernel reads the mode only.
    syscall::again(|| unsafe { syscall!(syscall::IOCTL, handle, TCSETS, core::ptr::from_ref(mode)) }).map(drop)
}

/// The controlling terminal: reader and writer.
pub(crate) fn open() -> io::Result<(Handle, Handle)> {
    const FLAGS: usize = 0o2 | 0o400 | 0o2_000_000; // read and write, not to become the controlling one, close on exec
    // SAFETY: reads the path only.
    let descriptor = syscall::again(|| unsafe { syscall!(syscall::OPENAT, AT_FDCWD, c"/dev/tty".as_ptr(), FLAGS, 0) })?;
    // SAFETY: just opened.
    let reader = unsafe { Handle::from_raw(descriptor as RawHandle) };
    let writer = reader.duplicate()?;
    Ok((reader, writer))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new terminal: who plays the user, and what the program has.
    fn terminal() -> (Handle, Handle) {
        const READ_WRITE_NOCTTY_CLOEXEC: usize = 0o2 | 0o400 | 0o2_000_000;
        const TIOCGPTN: usize = 0x8004_5430;
        const TIOCSPTLCK: usize = 0x4004_5431;
        let open = |path: &core::ffi::CStr| {
            // SAFETY: reads the path only; what it gives is just opened.
            unsafe {
                let flags = READ_WRITE_NOCTTY_CLOEXEC;
                let descriptor = syscall::check(syscall!(syscall::OPENAT, AT_FDCWD, path.as_ptr(), flags, 0)).unwrap();
                Handle::from_raw(descriptor as RawHandle)
            }
        };
        let user = open(c"/dev/ptmx");
        let (mut number, unlocked) = (0u32, 0u32);
        // SAFETY: the kernel reads one number and writes the other.
        unsafe {
            syscall::check(syscall!(syscall::IOCTL, user.raw(), TIOCSPTLCK, &raw const unlocked)).unwrap();
            syscall::check(syscall!(syscall::IOCTL, user.raw(), TIOCGPTN, &raw mut number)).unwrap();
        }
        let path = std::ffi::CString::new(std::format!("/dev/pts/{number}")).unwrap();
        (user, open(&path))
    }

    async fn write(to: &Handle, bytes: &[u8]) {
        assert_eq!(to.write(bytes.to_vec()).await.0.unwrap(), bytes.len());
    }

    async fn read(from: &Handle) -> std::vec::Vec<u8> {
        let (count, bytes) = from.read(std::vec::Vec::with_capacity(100)).await;
        assert_eq!(count.unwrap(), bytes.len());
        bytes
    }

    #[test]
    fn a_terminal_gives_whole_lines_and_in_raw_mode_each_byte() {
        let (user, program) = terminal();
        let cooked = mode(program.raw()).unwrap();
        crate::rt::block_on(async {
            write(&user, b"li\x7fine\r").await;
            assert_eq!(read(&program).await, b"line\n");
            set_mode(program.raw(), &cooked.raw()).unwrap();
            while !read(&user).await.ends_with(b"\n") {} // what it showed of the line
            write(&user, b"\x03\x7f").await;
            assert_eq!(read(&program).await, b"\x03\x7f");
            write(&program, b"\n").await;
            assert_eq!(read(&user).await, b"\n");
            set_mode(program.raw(), &cooked).unwrap();
            write(&program, b"\n").await;
            assert_eq!(read(&user).await, b"\r\n");
        });
    }

    #[test]
    fn a_terminal_has_the_size_that_was_set() {
        const TIOCSWINSZ: usize = 0x5414;
        let (user, program) = terminal();
        let wanted = [50u16, 132, 0, 0];
        // SAFETY: the kernel reads four numbers.
        syscall::check(unsafe { syscall!(syscall::IOCTL, user.raw(), TIOCSWINSZ, wanted.as_ptr()) }).unwrap();
        assert_eq!(size(program.raw()).unwrap(), Size { columns: 132, rows: 50 });
        assert!(is_terminal(program.raw()));
        let (reader, _writer) = crate::backend::pipe::pipe().unwrap();
        assert!(!is_terminal(reader.raw()));
        const ENOTTY: i32 = 25;
        assert_eq!(size(reader.raw()).unwrap_err().raw_os_error(), Some(ENOTTY));
    }

    #[test]
    fn a_mode_has_the_size_of_the_kernels() {
        assert_eq!(size_of::<Mode>(), 36);
    }
}
