//! What is wrong with a value, and where in it.

use std::fmt::{self, Write};

use polyplug_abi::AbiErrorCode;

use crate::fault::Fault;

/// A value that does not fit its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    /// The code for it at the boundary.
    pub code: AbiErrorCode,
    /// What is wrong.
    pub what: String,
    /// Where in the value, as in `.points[3].x`; empty for the whole.
    path: String,
}

impl ValueError {
    pub(super) fn new(code: AbiErrorCode, what: impl Into<String>) -> Self {
        Self { code, what: what.into(), path: String::new() }
    }

    fn inside(mut self, step: impl FnOnce(&mut String) -> fmt::Result) -> Self {
        let mut path = String::new();
        // Writing to a string does not fail.
        let _ = step(&mut path);
        self.path.insert_str(0, &path);
        self
    }

    /// The fault for it. `place` says what the value is: a parameter, the result.
    #[must_use]
    pub fn fault(self, place: impl fmt::Display) -> Fault {
        Fault { code: self.code.as_u32(), message: format!("{place}{}: {}", self.path, self.what) }
    }

    /// The fault for it, where its place is named already.
    #[must_use]
    pub fn into_fault(self) -> Fault {
        self.fault("")
    }
}

/// Why a value could not be moved. One pointer, so that what succeeds carries no room for it around.
#[derive(Debug)]
pub struct Failure<E>(Box<Reason<E>>);

/// What a [`Failure`] is.
#[derive(Debug)]
pub enum Reason<E> {
    /// The value does not fit.
    Value(ValueError),
    /// The machine failed.
    Machine(E),
}

impl<E> Failure<E> {
    #[cold]
    pub(super) fn new(code: AbiErrorCode, what: impl Into<String>) -> Self {
        Self(Box::new(Reason::Value(ValueError::new(code, what))))
    }

    /// A failure of the machine.
    #[cold]
    pub fn machine(error: E) -> Self {
        Self(Box::new(Reason::Machine(error)))
    }

    /// What it is.
    #[must_use]
    pub fn reason(self) -> Reason<E> {
        *self.0
    }

    /// The same, with another error of the machine.
    #[cold]
    #[must_use]
    pub fn map_machine(self, change: impl FnOnce(E) -> E) -> Self {
        match *self.0 {
            Reason::Machine(error) => Self::machine(change(error)),
            Reason::Value(_) => self,
        }
    }

    #[cold]
    pub(super) fn in_item(self, place: usize) -> Self {
        self.inside(|path| write!(path, "[{place}]"))
    }

    #[cold]
    pub(super) fn in_field(self, name: &str) -> Self {
        self.inside(|path| write!(path, ".{name}"))
    }

    /// Names what the value is: a parameter, the result.
    #[cold]
    #[must_use]
    pub fn named(self, name: impl FnOnce() -> String) -> Self {
        self.inside(|path| path.write_str(&name()))
    }

    fn inside(self, step: impl FnOnce(&mut String) -> fmt::Result) -> Self {
        match *self.0 {
            Reason::Value(error) => Self(Box::new(Reason::Value(error.inside(step)))),
            Reason::Machine(_) => self,
        }
    }
}
