//! How much an archive may cost. What it claims is taken off before it is believed, so that a claim costs nothing.

use crate::Error;

/// What a reader puts up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries, directories included.
    pub entries: u64,
    /// Unpacked bytes of all entries together, headers and padding included.
    pub unpacked: u64,
    /// Bytes of names and of an archive's own tables together: what is held in memory.
    pub names: u64,
}

impl Default for Limits {
    /// 50,000 entries, 4 GiB, 16 MiB.
    fn default() -> Self {
        Self { entries: 50_000, unpacked: 4 << 30, names: 16 << 20 }
    }
}

/// What is left of the limits.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    left: Limits,
}

impl Budget {
    /// All of it.
    pub fn new(limits: Limits) -> Self {
        Self { limits, left: limits }
    }

    /// What there was at the beginning.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Takes an entry.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyEntries`].
    pub fn entry(&mut self) -> Result<(), Error> {
        take(&mut self.left.entries, 1).ok_or(Error::TooManyEntries(self.limits.entries))
    }

    /// Takes unpacked bytes.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`].
    pub fn unpacked(&mut self, bytes: u64) -> Result<(), Error> {
        take(&mut self.left.unpacked, bytes).ok_or(Error::TooLarge(self.limits.unpacked))
    }

    /// Takes bytes to hold in memory.
    ///
    /// # Errors
    ///
    /// [`Error::NamesTooLong`].
    pub fn names(&mut self, bytes: u64) -> Result<(), Error> {
        take(&mut self.left.names, bytes).ok_or(Error::NamesTooLong(self.limits.names))
    }
}

fn take(left: &mut u64, wanted: u64) -> Option<()> {
    *left = left.checked_sub(wanted)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_may_be_reached_and_not_passed() {
        let mut budget = Budget::new(Limits { entries: 1, unpacked: 10, names: 20 });
        budget.entry().unwrap();
        budget.unpacked(4).unwrap();
        budget.unpacked(6).unwrap();
        budget.names(20).unwrap();
        assert!(matches!(budget.entry(), Err(Error::TooManyEntries(1))));
        assert!(matches!(budget.unpacked(1), Err(Error::TooLarge(10))));
        assert!(matches!(budget.names(u64::MAX), Err(Error::NamesTooLong(20))));
    }
}
