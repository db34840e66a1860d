//! What an archive has so far: no path twice, and nothing below what is no folder.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::{Entry, Error, Kind, shown};

/// The paths, and whether each is a folder.
#[derive(Debug, Default)]
pub(super) struct Tree(BTreeMap<Vec<u8>, bool>);

impl Tree {
    /// Takes an entry. A folder may be told of twice, as tars that were appended to do.
    pub(super) fn add(&mut self, entry: &Entry) -> Result<(), Error> {
        let folder = entry.kind == Kind::Folder;
        for (at, _) in entry.path.iter().enumerate().filter(|&(_, &byte)| byte == b'/') {
            let above = &entry.path[..at];
            if self.0.get(above) == Some(&false) {
                return Err(Error::Below { name: shown(&entry.path), above: shown(above) });
            }
        }
        if !folder && let Some(below) = self.below(&entry.path) {
            return Err(Error::Below { name: shown(below), above: shown(&entry.path) });
        }
        match self.0.insert(entry.path.clone(), folder) {
            None => Ok(()),
            Some(true) if folder => Ok(()),
            Some(_) => Err(Error::Twice(shown(&entry.path))),
        }
    }

    fn below(&self, path: &[u8]) -> Option<&[u8]> {
        let first = [path, b"/"].concat();
        let (next, _) = self.0.range::<[u8], _>((Bound::Included(&first[..]), Bound::Unbounded)).next()?;
        next.starts_with(&first).then_some(next)
    }
}
