//! Collections and hashing.
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState};

fn main() {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in "a b a c b a".split(' ') {
        *counts.entry(word).or_insert(0) += 1;
    }
    let mut sorted: Vec<_> = counts.iter().collect();
    sorted.sort();
    println!("{sorted:?} {}", counts["a"]);
    if let Entry::Occupied(entry) = counts.entry("b") {
        println!("{:?}", entry.remove_entry());
    }
    println!("{:?} {}", counts.get("b"), counts.len());
    println!("{:?}", counts.remove("a"));
    counts.retain(|_, count| *count > 1);
    println!("{counts:?}");
    let many: HashMap<u32, String> = (0..1000).map(|number| (number, number.to_string())).collect();
    println!("{} {:?}", many.values().map(String::len).sum::<usize>(), many.get(&999));
    println!("{}", many == many.clone());

    let set: HashSet<i32> = [1, 2, 3].into();
    let other = HashSet::from([2, 3, 4]);
    let mut both: Vec<_> = set.intersection(&other).copied().collect();
    both.sort_unstable();
    println!("{both:?} {}", set.contains(&1));

    let tree: BTreeMap<_, _> = (0..10).map(|number| (number * number, number)).collect();
    println!("{:?}", tree.range(10..50).collect::<Vec<_>>());
    let mut heap = BinaryHeap::from([3, 1, 2]);
    println!("{:?} {:?}", heap.pop(), VecDeque::from([1, 2]).iter().rev().collect::<Vec<_>>());

    // Without a seed, hashes are std's.
    let mut hasher = DefaultHasher::new();
    ("text", 42u8, [1u64, 2]).hash(&mut hasher);
    println!("{:x}", hasher.finish());
    let state = RandomState::new();
    println!("{} {}", state.hash_one(1) == state.hash_one(1), state.hash_one(1) == RandomState::new().hash_one(1));
}
