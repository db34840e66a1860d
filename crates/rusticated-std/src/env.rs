//! What the process was started with.
use core::fmt;
use rusticated::env as system;
pub use system::{current_dir, current_exe, home_dir, set_current_dir, temp_dir};

use crate::ffi::{OsStr, OsString};
use crate::string::String;
use crate::vec;

/// The arguments as text; see [`args`].
#[derive(Debug)]
pub struct Args(ArgsOs);

/// The arguments; see [`args_os`].
#[derive(Debug)]
pub struct ArgsOs(vec::IntoIter<OsString>);

/// The arguments.
///
/// # Panics
/// While it is iterated, at one that is not Unicode.
pub fn args() -> Args {
    Args(args_os())
}

/// The arguments.
pub fn args_os() -> ArgsOs {
    ArgsOs(system::get_args().into_iter())
}

/// Iterates over what the inner one has.
macro_rules! iterator {
    ($($type:ty: $item:ty = |$found:ident| $value:expr;)*) => {$(
        impl Iterator for $type {
            type Item = $item;
            fn next(&mut self) -> Option<$item> {
                self.0.next().map(|$found| $value)
            }
            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }
        impl DoubleEndedIterator for $type {
            fn next_back(&mut self) -> Option<$item> {
                self.0.next_back().map(|$found| $value)
            }
        }
        impl ExactSizeIterator for $type {}
    )*};
}

fn text(string: OsString) -> String {
    string.into_string().unwrap_or_else(|string| panic!("not Unicode: {string:?}"))
}

iterator! {
    Args: String = |argument| text(argument);
    ArgsOs: OsString = |argument| argument;
    Vars: (String, String) = |variable| (text(variable.0), text(variable.1));
    VarsOs: (OsString, OsString) = |variable| variable;
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VarError {
    /// There is no such variable.
    NotPresent,
    /// This is not Unicode.
    NotUnicode(OsString),
}

impl fmt::Display for VarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPresent => f.write_str("environment variable not found"),
            Self::NotUnicode(value) => write!(f, "environment variable was not valid unicode: {value:?}"),
        }
    }
}

impl core::error::Error for VarError {}

/// A variable's value as text.
pub fn var(name: impl AsRef<OsStr>) -> Result<String, VarError> {
    let value = var_os(name).ok_or(VarError::NotPresent)?;
    value.into_string().map_err(VarError::NotUnicode)
}

/// A variable's value.
pub fn var_os(name: impl AsRef<OsStr>) -> Option<OsString> {
    system::get_env(name)
}

/// All variables as text; see [`vars`].
#[derive(Debug)]
pub struct Vars(VarsOs);

/// All variables; see [`vars_os`].
#[derive(Debug)]
pub struct VarsOs(vec::IntoIter<(OsString, OsString)>);

/// All variables.
///
/// # Panics
/// While it is iterated, at one that is not Unicode.
pub fn vars() -> Vars {
    Vars(vars_os())
}

/// All variables.
pub fn vars_os() -> VarsOs {
    VarsOs(system::get_envs().into_iter())
}

/// Sets a variable.
///
/// # Safety
/// None is asked for here; it is std's declaration.
///
/// # Panics
/// For a name or value that no variable can have.
pub unsafe fn set_var(name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) {
    let (name, value) = (name.as_ref(), value.as_ref());
    if let Err(error) = system::set_env(name, value) {
        panic!("failed to set environment variable `{name:?}` to `{value:?}`: {error}");
    }
}

/// Removes a variable.
///
/// # Safety
/// None is asked for here; it is std's declaration.
///
/// # Panics
/// For a name that no variable can have.
pub unsafe fn remove_var(name: impl AsRef<OsStr>) {
    let name = name.as_ref();
    if let Err(error) = system::remove_env(name) {
        panic!("failed to remove environment variable `{name:?}`: {error}");
    }
}

pub mod consts {
    //! What this program was compiled for.

    /// The processor.
    pub const ARCH: &str = if cfg!(target_arch = "x86_64") { "x86_64" } else { "aarch64" };
    /// The system.
    pub const OS: &str = if cfg!(windows) {
        "windows"
    } else if cfg!(target_os = "macos") {
        "macos"
    } else {
        "linux"
    };
    /// Its family.
    pub const FAMILY: &str = if cfg!(windows) { "windows" } else { "unix" };
    /// What programs end with.
    pub const EXE_SUFFIX: &str = if cfg!(windows) { ".exe" } else { "" };
    /// What programs end with, without the dot.
    pub const EXE_EXTENSION: &str = if cfg!(windows) { "exe" } else { "" };
}
