//! The standard streams. Input is buffered; output is handed on with each line's end, or when there is much of it.
//! A stream that the program was started without is an input at its end, and an output that takes all, as std's.
use core::cell::RefCell;
use core::marker::PhantomData;
use core::sync::atomic::{AtomicBool, Ordering};

use super::{BufRead, BufReader, Lines, LineWriter, Read, Result, Write, read_from, write_to};
use crate::fmt;
use crate::string::String;
use crate::sys::{self, SingleThread};

/// The input without a buffer.
#[derive(Debug)]
struct RawInput;

impl Read for RawInput {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        match read_from(rusticated::io::stdin(), buffer) {
            Err(error) if sys::is_missing_stream(&error) => Ok(0),
            count => count,
        }
    }
}

macro_rules! raw_output {
    ($name:ident, $function:ident) => {
        #[derive(Debug)]
        struct $name;

        impl Write for $name {
            fn write(&mut self, buffer: &[u8]) -> Result<usize> {
                match write_to(rusticated::io::$function(), buffer) {
                    Err(error) if sys::is_missing_stream(&error) => Ok(buffer.len()),
                    count => count,
                }
            }
            fn flush(&mut self) -> Result<()> {
                Ok(())
            }
        }
    };
}

raw_output!(RawOutput, stdout);
raw_output!(RawError, stderr);

static INPUT: SingleThread<Option<BufReader<RawInput>>> = SingleThread::new(None);
static INPUT_LOCKED: AtomicBool = AtomicBool::new(false);
static OUTPUT: SingleThread<RefCell<Option<LineWriter<RawOutput>>>> = SingleThread::new(RefCell::new(None));

/// The standard input.
#[derive(Debug)]
pub struct Stdin(());

/// The standard input, locked.
#[derive(Debug)]
pub struct StdinLock<'a>(PhantomData<&'a ()>);

/// The standard input.
pub fn stdin() -> Stdin {
    Stdin(())
}

impl Stdin {
    /// Locks it.
    ///
    /// # Panics
    /// When it is locked already: std would wait for ever.
    pub fn lock(&self) -> StdinLock<'static> {
        assert!(!INPUT_LOCKED.swap(true, Ordering::Relaxed), "the standard input is locked already");
        StdinLock(PhantomData)
    }

    /// Appends one line with its newline; 0 is the end of the input.
    pub fn read_line(&self, line: &mut String) -> Result<usize> {
        self.lock().read_line(line)
    }

    /// The lines, without their newlines.
    pub fn lines(self) -> Lines<StdinLock<'static>> {
        self.lock().lines()
    }
}

impl StdinLock<'_> {
    fn reader(&mut self) -> &mut BufReader<RawInput> {
        // SAFETY: there is one lock at a time, and the reference is bound to it.
        unsafe { INPUT.get() }.get_or_insert_with(|| BufReader::new(RawInput))
    }
}

impl Drop for StdinLock<'_> {
    fn drop(&mut self) {
        INPUT_LOCKED.store(false, Ordering::Relaxed);
    }
}

impl Read for StdinLock<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.reader().read(buffer)
    }
}

impl BufRead for StdinLock<'_> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        self.reader().fill_buf()
    }
    fn consume(&mut self, count: usize) {
        self.reader().consume(count);
    }
}

impl Read for Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.lock().read(buffer)
    }
}

impl Read for &Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.lock().read(buffer)
    }
}

/// Does something with the output's buffer. Who formats may print: that is written at once, before the rest.
fn output<R>(function: impl FnOnce(&mut dyn Write) -> R) -> R {
    // SAFETY: only ever shared; the cell watches who changes it.
    let cell = unsafe { &*OUTPUT.get() };
    match cell.try_borrow_mut() {
        Ok(mut writer) => function(writer.get_or_insert_with(|| LineWriter::new(RawOutput))),
        Err(_) => function(&mut RawOutput),
    }
}

/// Hands on what was printed.
pub(crate) fn flush_at_exit() {
    // SAFETY: only ever shared.
    let cell = unsafe { &*OUTPUT.get() };
    if let Ok(mut writer) = cell.try_borrow_mut()
        && let Some(writer) = &mut *writer
    {
        let _nobody_to_tell = writer.flush();
    }
}

macro_rules! output_stream {
    ($name:ident, $lock:ident, $function:ident, $about:literal, |$to:ident| $body:expr) => {
        #[doc = concat!("The ", $about, ".")]
        #[derive(Debug)]
        pub struct $name(());

        #[doc = concat!("The ", $about, ", locked. There is nobody to lock out: it is the same.")]
        #[derive(Debug)]
        pub struct $lock<'a>(PhantomData<&'a ()>);

        #[doc = concat!("The ", $about, ".")]
        pub fn $function() -> $name {
            $name(())
        }

        impl $name {
            /// The same, to be written to.
            pub fn lock(&self) -> $lock<'static> {
                $lock(PhantomData)
            }
        }

        output_stream!(@write $name, |$to| $body);
        output_stream!(@write &$name, |$to| $body);
        output_stream!(@write $lock<'_>, |$to| $body);
    };
    (@write $type:ty, |$to:ident| $body:expr) => {
        impl Write for $type {
            fn write(&mut self, buffer: &[u8]) -> Result<usize> {
                let $to = |writer: &mut dyn Write| writer.write(buffer);
                $body
            }
            fn flush(&mut self) -> Result<()> {
                let $to = |writer: &mut dyn Write| writer.flush();
                $body
            }
        }
    };
}

output_stream!(Stdout, StdoutLock, stdout, "standard output", |function| output(function));
output_stream!(Stderr, StderrLock, stderr, "standard error, which has no buffer", |function| function(&mut RawError));

/// What may be a terminal.
pub trait IsTerminal {
    /// Whether it is one.
    fn is_terminal(&self) -> bool;
}

macro_rules! is_terminal {
    ($($type:ty = $function:ident;)*) => {$(
        impl IsTerminal for $type {
            fn is_terminal(&self) -> bool {
                rusticated::tty::is_terminal(&rusticated::io::$function())
            }
        }
    )*};
}

is_terminal! {
    Stdin = stdin;
    StdinLock<'_> = stdin;
    Stdout = stdout;
    StdoutLock<'_> = stdout;
    Stderr = stderr;
    StderrLock<'_> = stderr;
}

#[doc(hidden)]
pub fn _print(arguments: fmt::Arguments<'_>) {
    if let Err(error) = stdout().write_fmt(arguments) {
        panic!("failed printing to stdout: {error}");
    }
}

#[doc(hidden)]
pub fn _eprint(arguments: fmt::Arguments<'_>) {
    if let Err(error) = stderr().write_fmt(arguments) {
        panic!("failed printing to stderr: {error}");
    }
}
