//! The timers of a runtime: a heap by deadline, from which a timer that is dropped is taken out at once.
use alloc::vec::Vec;
use core::task::Waker;

/// Names a timer until it has fired or was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimerId(u32);

/// Deadlines are nanoseconds of the monotonic clock. Four children a node: fewer levels, and a node's children share
/// a cache line.
#[derive(Default)]
pub(crate) struct Timers {
    heap: Vec<Node>,
    slots: Vec<Slot>,
    free: Vec<u32>,
}

struct Node {
    deadline: u64,
    slot: u32,
}

struct Slot {
    /// Where it lies in the heap; without meaning while it is free or has fired.
    place: u32,
    waker: Option<Waker>,
}

const CHILDREN: usize = 4;

impl Timers {
    /// Adds a timer that wakes when the deadline is reached.
    pub(crate) fn add(&mut self, deadline: u64, waker: Waker) -> TimerId {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { place: 0, waker: None });
            (self.slots.len() - 1) as u32
        });
        self.slots[slot as usize].waker = Some(waker);
        self.heap.push(Node { deadline, slot });
        self.rise(self.heap.len() - 1);
        TimerId(slot)
    }

    /// Sets who is woken. What it gives back is to be dropped when the timers are not borrowed any more: it may be
    /// somebody's own waker, whose destructor does what it likes.
    pub(crate) fn set_waker(&mut self, id: TimerId, waker: Waker) -> Waker {
        match &mut self.slots[id.0 as usize].waker {
            Some(known) => core::mem::replace(known, waker),
            None => waker,
        }
    }

    /// Whether it has fired.
    pub(crate) fn has_fired(&self, id: TimerId) -> bool {
        self.slots[id.0 as usize].waker.is_none()
    }

    /// Forgets a timer, fired or not. What it gives is to be dropped when the timers are not borrowed any more.
    pub(crate) fn remove(&mut self, id: TimerId) -> Option<Waker> {
        let waker = self.slots[id.0 as usize].waker.take();
        if waker.is_some() {
            self.take_out(self.slots[id.0 as usize].place as usize);
        }
        self.free.push(id.0);
        waker
    }

    /// When the next one is due.
    pub(crate) fn next_deadline(&self) -> Option<u64> {
        self.heap.first().map(|node| node.deadline)
    }

    /// Takes the waker of one timer whose deadline is reached.
    pub(crate) fn fire(&mut self, now: u64) -> Option<Waker> {
        let first = self.heap.first().filter(|node| node.deadline <= now)?;
        let slot = first.slot as usize;
        self.take_out(0);
        self.slots[slot].waker.take()
    }

    fn take_out(&mut self, place: usize) {
        self.heap.swap_remove(place);
        if place < self.heap.len() {
            let place = self.rise(place);
            self.sink(place);
        }
    }

    fn rise(&mut self, mut place: usize) -> usize {
        while place > 0 {
            let parent = (place - 1) / CHILDREN;
            if self.heap[parent].deadline <= self.heap[place].deadline {
                break;
            }
            self.heap.swap(parent, place);
            self.note(place);
            place = parent;
        }
        self.note(place);
        place
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let first = place * CHILDREN + 1;
            let end = (first + CHILDREN).min(self.heap.len());
            let Some(least) = (first..end).min_by_key(|&child| self.heap[child].deadline) else { break };
            if self.heap[place].deadline <= self.heap[least].deadline {
                break;
            }
            self.heap.swap(place, least);
            self.note(place);
            place = least;
        }
        self.note(place);
    }

    fn note(&mut self, place: usize) {
        self.slots[self.heap[place].slot as usize].place = place as u32;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::vec::Vec;

    use super::*;

    #[derive(Clone, Debug)]
    enum Act {
        Add(u64),
        Remove(usize),
        Fire(u64),
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            3 => (0u64..50).prop_map(Act::Add),
            2 => any::<usize>().prop_map(Act::Remove),
            1 => (0u64..60).prop_map(Act::Fire),
        ];
        proptest::collection::vec(act, 0..200)
    }

    proptest! {
        #[test]
        fn any_sequence_fires_what_a_sorted_map_would(acts in acts()) {
            let mut timers = Timers::default();
            let mut model: BTreeMap<u32, Option<u64>> = BTreeMap::new(); // slot → deadline, None once fired
            for act in acts {
                match act {
                    Act::Add(deadline) => {
                        let id = timers.add(deadline, Waker::noop().clone());
                        prop_assert!(model.insert(id.0, Some(deadline)).is_none());
                    }
                    Act::Remove(nth) if !model.is_empty() => {
                        let slot = *model.keys().nth(nth % model.len()).unwrap();
                        prop_assert_eq!(timers.remove(TimerId(slot)).is_some(), model.remove(&slot).unwrap().is_some());
                    }
                    Act::Remove(_) => {}
                    Act::Fire(now) => {
                        while timers.fire(now).is_some() {}
                        for (&slot, deadline) in &mut model {
                            if deadline.is_some_and(|deadline| deadline <= now) {
                                *deadline = None;
                            }
                            prop_assert_eq!(timers.has_fired(TimerId(slot)), deadline.is_none());
                        }
                    }
                }
                prop_assert_eq!(timers.next_deadline(), model.values().flatten().min().copied());
            }
        }
    }
}
