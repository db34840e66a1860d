//! What an archive has so far: no path twice, and nothing below what is no directory. Below a link it would be
//! written elsewhere.

use std::collections::BTreeMap;
use std::ops::Bound;

/// The paths so far, and whether each is a directory.
#[derive(Debug, Default)]
pub struct Tree(BTreeMap<Vec<u8>, bool>);

/// Why an entry cannot be beside those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// A directory that was there as one. Nothing comes to harm: tars that were appended to have such.
    DirectoryAgain,
    /// Something else of that path.
    Twice,
    /// One of them lies below the other, which is no directory.
    Below {
        /// The file or link.
        above: Vec<u8>,
        /// What lies below it.
        below: Vec<u8>,
    },
}

impl Tree {
    /// Takes an entry, whose name was checked.
    ///
    /// # Errors
    ///
    /// It cannot be beside the others. The tree is of no more use then, but after [`Conflict::DirectoryAgain`].
    pub fn add(&mut self, path: &[u8], is_directory: bool) -> Result<(), Conflict> {
        let parents = path.iter().enumerate().filter(|&(_, &byte)| byte == b'/').map(|(at, _)| &path[..at]);
        if let Some(above) = parents.into_iter().find(|above| self.0.get(*above) == Some(&false)) {
            return Err(Conflict::Below { above: above.to_vec(), below: path.to_vec() });
        }
        if !is_directory && let Some(below) = self.below(path) {
            return Err(Conflict::Below { above: path.to_vec(), below: below.to_vec() });
        }
        match self.0.insert(path.to_vec(), is_directory) {
            None => Ok(()),
            Some(true) if is_directory => Err(Conflict::DirectoryAgain),
            Some(_) => Err(Conflict::Twice),
        }
    }

    fn below(&self, path: &[u8]) -> Option<&[u8]> {
        let first = [path, b"/"].concat();
        let (next, _) = self.0.range::<[u8], _>((Bound::Included(&first[..]), Bound::Unbounded)).next()?;
        next.starts_with(&first).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(entries: &[(&str, bool)]) -> Result<(), Conflict> {
        let mut tree = Tree::default();
        entries.iter().try_for_each(|(path, is_directory)| tree.add(path.as_bytes(), *is_directory))
    }

    #[test]
    fn nothing_comes_twice_or_below_a_file_in_either_order() {
        let below = Err(Conflict::Below { above: b"a".to_vec(), below: b"a/b/c".to_vec() });
        assert_eq!(add(&[("a", false), ("a/b/c", false)]), below);
        // `a-b` sorts between the two.
        assert_eq!(add(&[("a/b/c", true), ("a-b", false), ("a", false)]), below);
        assert_eq!(add(&[("a/b/c", false), ("a", true), ("a-b", false), ("a/b/d", true)]), Ok(()));
        assert_eq!(add(&[("a", true), ("a", true)]), Err(Conflict::DirectoryAgain));
        for (first, second) in [(true, false), (false, true), (false, false)] {
            assert_eq!(add(&[("a", first), ("a", second)]), Err(Conflict::Twice));
        }
    }
}
