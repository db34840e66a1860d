//! The standard streams. Input is buffered; output is handed on with each line's end, or when there is much of it.
//! A stream that the program was started without is an input at its end, and an output that takes all, as std's.
use core::cell::RefCell;
use core::marker::PhantomData;
use core::sync::atomic::{AtomicBool, Ordering};

use super::{BufRead, BufReader, Error, FORMATTER_ERROR, LineWriter, Lines, Read, Result, Write, read_from, write_to};
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

/// One of the outputs without a buffer.
#[derive(Clone, Copy, Debug)]
enum RawOutput {
    Output,
    Error,
}

impl Write for RawOutput {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        let count = match self {
            Self::Output => write_to(rusticated::io::stdout(), buffer),
            Self::Error => write_to(rusticated::io::stderr(), buffer),
        };
        match count {
            Err(error) if sys::is_missing_stream(&error) => Ok(buffer.len()),
            count => count,
        }
    }
    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

static INPUT: SingleThread<Option<BufReader<RawInput>>> = SingleThread::new(None);
static INPUT_LOCKED: AtomicBool = AtomicBool::new(false);
static OUTPUT: SingleThread<RefCell<LineWriter<RawOutput>>> =
    SingleThread::new(RefCell::new(LineWriter::with_capacity(1024, RawOutput::Output)));

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

/// The output's buffer. Only ever shared: the cell watches who changes it.
fn output() -> &'static RefCell<LineWriter<RawOutput>> {
    // SAFETY: nobody has it in any other way.
    unsafe { OUTPUT.get() }
}

/// Writes to the output's buffer. Who is told of that meanwhile, and prints, too, does so past it.
fn write_output(buffer: &[u8]) -> Result<usize> {
    match output().try_borrow_mut() {
        Ok(mut writer) => writer.write(buffer),
        Err(_) => RawOutput::Output.write(buffer),
    }
}

fn flush_output() -> Result<()> {
    output().try_borrow_mut().map_or(Ok(()), |mut writer| writer.flush())
}

/// Hands on what was printed.
pub(crate) fn flush_at_exit() {
    let _nobody_to_tell = flush_output();
}

macro_rules! output_stream {
    ($name:ident, $lock:ident, $function:ident, $about:literal, $write:expr, $flush:expr) => {
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

        output_stream!(@write $name, $write, $flush);
        output_stream!(@write &$name, $write, $flush);
        output_stream!(@write $lock<'_>, $write, $flush);
    };
    (@write $type:ty, $write:expr, $flush:expr) => {
        impl Write for $type {
            fn write(&mut self, buffer: &[u8]) -> Result<usize> {
                $write(buffer)
            }
            fn flush(&mut self) -> Result<()> {
                $flush()
            }
        }
    };
}

output_stream!(Stdout, StdoutLock, stdout, "standard output", write_output, flush_output);
output_stream!(
    Stderr,
    StderrLock,
    stderr,
    "standard error, which has no buffer",
    |buffer| RawOutput::Error.write(buffer),
    || Ok(())
);

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

/// What the macros print through: one for both streams, since each costs code.
struct Printer {
    stream: RawOutput,
    error: Option<Error>,
}

impl fmt::Write for Printer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let result = match self.stream {
            RawOutput::Output => stdout().write_all(text.as_bytes()),
            RawOutput::Error => stderr().write_all(text.as_bytes()),
        };
        result.map_err(|error| {
            self.error = Some(error);
            fmt::Error
        })
    }
}

fn print(stream: RawOutput, arguments: fmt::Arguments<'_>) {
    let mut printer = Printer { stream, error: None };
    if fmt::write(&mut printer, arguments).is_err() {
        let name = if matches!(stream, RawOutput::Output) { "stdout" } else { "stderr" };
        panic!("failed printing to {name}: {}", printer.error.unwrap_or(FORMATTER_ERROR));
    }
}

#[doc(hidden)]
pub fn _print(arguments: fmt::Arguments<'_>) {
    print(RawOutput::Output, arguments);
}

#[doc(hidden)]
pub fn _eprint(arguments: fmt::Arguments<'_>) {
    print(RawOutput::Error, arguments);
}
