//! What `main` may return.
use core::convert::Infallible;
use core::future::Future;
use core::pin::Pin;

use crate::boxed::Box;
use crate::fmt::Debug;

/// An exit code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExitCode(u8);

impl ExitCode {
    /// All is well.
    pub const SUCCESS: Self = Self(0);
    /// It is not.
    pub const FAILURE: Self = Self(1);

    /// Ends the process with it.
    pub fn exit_process(self) -> ! {
        super::exit(self.0.into())
    }

    pub(crate) fn to_isize(self) -> isize {
        self.0.into()
    }
}

impl From<u8> for ExitCode {
    fn from(code: u8) -> Self {
        Self(code)
    }
}

/// What `main` may return.
#[lang = "termination"]
#[rustc_on_unimplemented(
    message = "`main` has invalid return type `{Self}`",
    label = "`main` can only return types that implement `{This}`"
)]
pub trait Termination {
    /// The exit code that it stands for.
    fn report(self) -> ExitCode;
}

impl Termination for () {
    fn report(self) -> ExitCode {
        ExitCode::SUCCESS
    }
}

impl Termination for ! {
    fn report(self) -> ExitCode {
        self
    }
}

impl Termination for Infallible {
    fn report(self) -> ExitCode {
        match self {}
    }
}

impl Termination for ExitCode {
    fn report(self) -> ExitCode {
        self
    }
}

impl<T: Termination, E: Debug> Termination for Result<T, E> {
    fn report(self) -> ExitCode {
        match self {
            Ok(value) => value.report(),
            Err(error) => {
                crate::eprintln!("Error: {error:?}");
                ExitCode::FAILURE
            }
        }
    }
}

/// An asynchronous `main`.
impl<T: Termination> Termination for Pin<Box<dyn Future<Output = T>>> {
    fn report(self) -> ExitCode {
        rusticated::rt::block_on(self).report()
    }
}
