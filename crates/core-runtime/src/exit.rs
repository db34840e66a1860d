//! How a run ends, and the exit codes for it.

/// Success.
pub const SUCCESS: i32 = 0;
/// Anything that has no code of its own.
pub const FAILURE: i32 = 1;
/// The command line, or a value in it, cannot be meant.
pub const USAGE: i32 = 2;
/// The command is there and cannot be executed: no run bit, a folder, a wrong format.
pub const NOT_EXECUTABLE: i32 = 126;
/// No such script, file or command, or nothing that provides it.
pub const NOT_FOUND: i32 = 127;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Ending {
    /// With an exit code, our own or a child's. Unix passes its low eight bits on, Windows all 32.
    Code(i32),
    /// A child died of this signal, so we die of it, too. Never on Windows.
    Signal(i32),
}

impl Ending {
    /// It did what it was told.
    pub const SUCCESS: Self = Self::Code(SUCCESS);

    /// Whether what comes next may be run.
    #[must_use]
    pub fn is_success(self) -> bool {
        self == Self::SUCCESS
    }
}
