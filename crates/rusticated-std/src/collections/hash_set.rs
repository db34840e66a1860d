//! The hash set.
use core::fmt::{Debug, Formatter, Result};
use core::hash::{BuildHasher, Hash};
use core::ops::{Deref, DerefMut};

use crate::hash::RandomState;
pub use hashbrown::hash_set::{Drain, IntoIter, Iter};

/// std's hash set; its methods are hashbrown's.
#[derive(Clone)]
pub struct HashSet<T, S = RandomState>(hashbrown::HashSet<T, S>);

impl<T> HashSet<T> {
    /// An empty set, which costs no memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty set with room for so many elements.
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, RandomState::new())
    }
}

impl<T, S> HashSet<T, S> {
    /// An empty set with a hasher.
    pub const fn with_hasher(hasher: S) -> Self {
        Self(hashbrown::HashSet::with_hasher(hasher))
    }

    /// An empty set with a hasher, and room for so many elements.
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        Self(hashbrown::HashSet::with_capacity_and_hasher(capacity, hasher))
    }
}

impl<T, S: Default> Default for HashSet<T, S> {
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

impl<T, S> Deref for HashSet<T, S> {
    type Target = hashbrown::HashSet<T, S>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T, S> DerefMut for HashSet<T, S> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<T: Debug, S> Debug for HashSet<T, S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.0.fmt(f)
    }
}

impl<T: Eq + Hash, S: BuildHasher> PartialEq for HashSet<T, S> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: Eq + Hash, S: BuildHasher> Eq for HashSet<T, S> {}

impl<T, S> IntoIterator for HashSet<T, S> {
    type Item = T;
    type IntoIter = IntoIter<T>;
    fn into_iter(self) -> IntoIter<T> {
        self.0.into_iter()
    }
}

impl<'a, T, S> IntoIterator for &'a HashSet<T, S> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;
    fn into_iter(self) -> Iter<'a, T> {
        self.0.iter()
    }
}

impl<T: Eq + Hash, S: BuildHasher + Default> FromIterator<T> for HashSet<T, S> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut set = Self::default();
        set.extend(elements);
        set
    }
}

impl<T: Eq + Hash, S: BuildHasher> Extend<T> for HashSet<T, S> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        self.0.extend(elements);
    }
}

impl<T: Eq + Hash, const N: usize> From<[T; N]> for HashSet<T> {
    fn from(elements: [T; N]) -> Self {
        elements.into_iter().collect()
    }
}
