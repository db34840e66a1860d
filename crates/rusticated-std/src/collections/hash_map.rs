//! The hash map.
use core::borrow::Borrow;
use core::fmt::{Debug, Formatter, Result};
use core::hash::{BuildHasher, Hash};
use core::ops::{Deref, DerefMut, Index};

pub use crate::hash::{DefaultHasher, RandomState};
pub use hashbrown::hash_map::{Drain, IntoIter, IntoKeys, IntoValues, Iter, IterMut, Keys, Values, ValuesMut};

/// What a map holds for a key, or a place for it.
pub type Entry<'a, K, V, S = RandomState> = hashbrown::hash_map::Entry<'a, K, V, S>;
/// What a map holds for a key.
pub type OccupiedEntry<'a, K, V, S = RandomState> = hashbrown::hash_map::OccupiedEntry<'a, K, V, S>;
/// A place for a key.
pub type VacantEntry<'a, K, V, S = RandomState> = hashbrown::hash_map::VacantEntry<'a, K, V, S>;

/// std's hash map; its methods are hashbrown's.
#[derive(Clone)]
pub struct HashMap<K, V, S = RandomState>(hashbrown::HashMap<K, V, S>);

impl<K, V> HashMap<K, V> {
    /// An empty map, which costs no memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty map with room for so many elements.
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, RandomState::new())
    }
}

impl<K, V, S> HashMap<K, V, S> {
    /// An empty map with a hasher.
    pub const fn with_hasher(hasher: S) -> Self {
        Self(hashbrown::HashMap::with_hasher(hasher))
    }

    /// An empty map with a hasher, and room for so many elements.
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        Self(hashbrown::HashMap::with_capacity_and_hasher(capacity, hasher))
    }

    /// The keys, and the map is gone.
    pub fn into_keys(self) -> IntoKeys<K, V> {
        self.0.into_keys()
    }

    /// The values, and the map is gone.
    pub fn into_values(self) -> IntoValues<K, V> {
        self.0.into_values()
    }
}

impl<K, V, S: Default> Default for HashMap<K, V, S> {
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

impl<K, V, S> Deref for HashMap<K, V, S> {
    type Target = hashbrown::HashMap<K, V, S>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<K, V, S> DerefMut for HashMap<K, V, S> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<K: Debug, V: Debug, S> Debug for HashMap<K, V, S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.0.fmt(f)
    }
}

impl<K: Eq + Hash, V: PartialEq, S: BuildHasher> PartialEq for HashMap<K, V, S> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K: Eq + Hash, V: Eq, S: BuildHasher> Eq for HashMap<K, V, S> {}

impl<K: Eq + Hash + Borrow<Q>, Q: Eq + Hash + ?Sized, V, S: BuildHasher> Index<&Q> for HashMap<K, V, S> {
    type Output = V;
    fn index(&self, key: &Q) -> &V {
        self.0.get(key).expect("no entry found for key")
    }
}

impl<K, V, S> IntoIterator for HashMap<K, V, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;
    fn into_iter(self) -> IntoIter<K, V> {
        self.0.into_iter()
    }
}

impl<'a, K, V, S> IntoIterator for &'a HashMap<K, V, S> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;
    fn into_iter(self) -> Iter<'a, K, V> {
        self.0.iter()
    }
}

impl<'a, K, V, S> IntoIterator for &'a mut HashMap<K, V, S> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;
    fn into_iter(self) -> IterMut<'a, K, V> {
        self.0.iter_mut()
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Default> FromIterator<(K, V)> for HashMap<K, V, S> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(elements: I) -> Self {
        let mut map = Self::default();
        map.extend(elements);
        map
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> Extend<(K, V)> for HashMap<K, V, S> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, elements: I) {
        self.0.extend(elements);
    }
}

impl<K: Eq + Hash, V, const N: usize> From<[(K, V); N]> for HashMap<K, V> {
    fn from(elements: [(K, V); N]) -> Self {
        elements.into_iter().collect()
    }
}
