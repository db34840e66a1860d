//! The terminal between two lines. What is typed while something is evaluated is for the next line: the terminal neither
//! shows it nor keeps keys for itself, or a Ctrl-D that comes early would be lost. Ctrl-C stays a signal.

use std::io;

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

/// The terminal's settings from before, to which it returns when this goes.
pub(super) struct KeysWait(Termios);

impl KeysWait {
    /// None where standard input is no terminal that can be set.
    pub(super) fn set() -> Option<Self> {
        let before = tcgetattr(io::stdin()).ok()?;
        let mut now = before.clone();
        now.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        // Reading waits for a key, for as long as it takes.
        now.special_codes[SpecialCodeIndex::VMIN] = 1;
        now.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(io::stdin(), OptionalActions::Drain, &now).ok()?;
        Some(Self(before))
    }
}

impl Drop for KeysWait {
    fn drop(&mut self) {
        // A terminal that has gone needs none.
        let _ = tcsetattr(io::stdin(), OptionalActions::Drain, &self.0);
    }
}
