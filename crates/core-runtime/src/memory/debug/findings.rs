//! What the debug allocator finds, as text for who looks for the mistake.
#![allow(unsafe_code)] // walks the stack

use std::fmt::{self, Display};
use std::sync::Arc;

use super::inside::Inside;

/// How many calls are remembered.
const DEPTH: usize = 48;

/// The calls that led to something, if they were remembered: where they return to.
#[derive(Clone, Debug, Default)]
pub struct Trace(Option<Arc<[usize]>>);

impl Trace {
    /// From here upwards. The functions are looked up when it is shown.
    ///
    /// Not with the standard library's `Backtrace`: that takes a lock, which whoever shows one holds while asking for memory.
    pub(super) fn here() -> Self {
        let _inside = Inside::enter();
        let mut calls = [0; DEPTH];
        let mut count = 0;
        // SAFETY: the closure reads the frame it is given and comes back to nothing of this library. Unix' unwinder and
        // Windows' own may be used by several threads at once; what may not (dbghelp) only looks up names.
        unsafe {
            backtrace::trace_unsynchronized(|frame| {
                calls[count] = frame.ip().addr();
                count += 1;
                count < DEPTH
            });
        }
        Self(Some(Arc::from(&calls[..count])))
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        let _inside = Inside::enter();
        self.0 = None;
    }
}

impl Display for Trace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(calls) = &self.0 else { return writeln!(out, "   (not remembered)") };
        for call in calls.iter() {
            let mut shown = Ok(());
            let mut known = false;
            backtrace::resolve(std::ptr::without_provenance_mut(*call), |symbol| {
                known = true;
                let name = symbol.name().map(|name| format!("{name:#}"));
                let place = symbol.filename().zip(symbol.lineno());
                shown = shown.and_then(|()| match place {
                    Some((file, line)) => {
                        writeln!(out, "   {} ({}:{line})", name.as_deref().unwrap_or("?"), file.display())
                    }
                    None => writeln!(out, "   {}", name.as_deref().unwrap_or("?")),
                });
            });
            shown?;
            if !known {
                writeln!(out, "   {call:#x}")?;
            }
        }
        Ok(())
    }
}

/// A block that was not freed.
#[derive(Clone, Debug)]
pub struct Leak {
    /// In bytes
    pub size: usize,
    /// In bytes
    pub alignment: usize,
    /// The how manieth block it was, from zero
    pub order: u64,
    /// Who got it
    pub allocated: Trace,
}

impl Display for Leak {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size, alignment, order, allocated } = self;
        write!(
            out,
            "leak: {size} bytes (alignment {alignment}, block {order}) were never freed; they came from:\n{allocated}"
        )
    }
}

/// Something that must not be done with memory.
#[derive(Clone, Debug)]
pub enum Misuse {
    /// Freed or resized after it was freed
    DoubleFree {
        /// Where the block was
        address: usize,
        /// In bytes
        size: usize,
        /// Who got it
        allocated: Trace,
        /// Who freed it first
        freed: Trace,
        /// Who did so again
        again: Trace,
    },
    /// Freed or resized, and never given: from another allocator, in the middle of a block, or freed long ago
    NotAllocated {
        /// What was to be freed
        address: usize,
        /// Who did so
        by: Trace,
    },
    /// Freed or resized with another size or alignment than it has
    WrongLayout {
        /// Where the block is
        address: usize,
        /// In bytes
        size: usize,
        /// In bytes
        alignment: usize,
        /// What the caller said, in bytes
        given_size: usize,
        /// What the caller said, in bytes
        given_alignment: usize,
        /// Who got it
        allocated: Trace,
    },
}

impl Display for Misuse {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DoubleFree { address, size, allocated, freed, again } => write!(
                out,
                "double free of {size} bytes at {address:#x}; they came from:\n{allocated}they were freed by:\n{freed}and \
                 again by:\n{again}"
            ),
            Self::NotAllocated { address, by } => {
                write!(out, "free of {address:#x}, which this allocator did not give, by:\n{by}")
            }
            Self::WrongLayout { address, size, alignment, given_size, given_alignment, allocated } => write!(
                out,
                "free of {address:#x} with size {given_size} and alignment {given_alignment}, but it has size {size} and \
                 alignment {alignment}; it came from:\n{allocated}"
            ),
        }
    }
}
