//! An io_uring: the two rings that are shared with the kernel, and the system call that hands over what was queued.
#![allow(unsafe_code, reason = "memory that is shared with the kernel")]
mod layout;

use alloc::collections::VecDeque;
use core::cell::{Cell, RefCell};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;

use layout::{Cqe, GeteventsArg, Parameters, Probe, ProbedOperation};

use super::clock::Timespec;
use super::sqe::{Sqe, opcode};
use super::syscall::{self, errno, syscall};
use crate::io;

/// Entries that are handed over at once. A full queue is handed over earlier: this only says how often.
const ENTRIES: u32 = 128;
/// Ends that the kernel keeps in the ring; it keeps more in a list of its own.
const COMPLETIONS: u32 = 512;

const SETUP_CQSIZE: u32 = 1 << 3;
const SETUP_SUBMIT_ALL: u32 = 1 << 7;
const SETUP_COOP_TASKRUN: u32 = 1 << 8;
const SETUP_TASKRUN_FLAG: u32 = 1 << 9;
const SETUP_SINGLE_ISSUER: u32 = 1 << 12;
const SETUP_DEFER_TASKRUN: u32 = 1 << 13;
/// What makes it cheap for one thread, the newest kernels' way first (6.1, 5.19, 5.6).
const SETUPS: [u32; 3] = [
    SETUP_CQSIZE | SETUP_SUBMIT_ALL | SETUP_TASKRUN_FLAG | SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN,
    SETUP_CQSIZE | SETUP_SUBMIT_ALL | SETUP_TASKRUN_FLAG | SETUP_COOP_TASKRUN,
    SETUP_CQSIZE,
];
/// One mapping for both rings; no end is ever lost; what an entry points at is read when it is handed over; files have
/// positions; descriptors that are not ready take no thread; a wait takes a timeout (5.11).
const FEATURES: u32 = 1 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 8;

const ENTER_GETEVENTS: usize = 1;
const ENTER_EXT_ARG: usize = 1 << 3;
/// The kernel has ends in its own list.
const SQ_CQ_OVERFLOW: u32 = 1 << 1;
/// The kernel has work that it does when it is entered.
const SQ_TASKRUN: u32 = 1 << 2;
const REGISTER_PROBE: usize = 8;
const OFFSET_SQES: usize = 0x1000_0000;

/// A ring of one thread.
pub(super) struct Ring {
    descriptor: i32,
    rings: Mapping,
    entries: Mapping,
    parameters: Parameters,
    /// Bit n: the kernel has operation n.
    operations: u64,
    /// The tail as it is known here; the kernel sees it when it is entered.
    tail: Cell<u32>,
    /// Ends that had to be taken from the ring to make room.
    spilled: RefCell<VecDeque<Cqe>>,
}

impl Ring {
    /// Sets one up.
    ///
    /// # Errors
    /// The system's; ENOSYS also where the kernel is too old for what is needed.
    pub(super) fn new() -> io::Result<Self> {
        let mut failed = None;
        for flags in SETUPS {
            let mut parameters = Parameters { flags, cq_entries: COMPLETIONS, ..Parameters::default() };
            // SAFETY: the kernel reads and writes the parameters only.
            match syscall::check(unsafe { syscall!(syscall::IO_URING_SETUP, ENTRIES, &raw mut parameters) }) {
                Ok(descriptor) => return Self::map(descriptor as i32, parameters),
                Err(error) if error.raw_os_error() == Some(errno::EINVAL) => failed = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(failed.expect("a way was tried"))
    }

    fn map(descriptor: i32, parameters: Parameters) -> io::Result<Self> {
        let length = (parameters.sq.last[2] as usize + parameters.sq_entries as usize * size_of::<u32>())
            .max(parameters.cq.last[1] as usize + parameters.cq_entries as usize * size_of::<Cqe>());
        let mut ring = Self {
            descriptor,
            rings: Mapping::NONE,
            entries: Mapping::NONE,
            operations: 0,
            tail: Cell::new(0),
            spilled: RefCell::default(),
            parameters,
        };
        if ring.parameters.features & FEATURES != FEATURES {
            return Err(io::Error::from_raw_os_error(errno::ENOSYS));
        }
        ring.rings = Mapping::new(descriptor, 0, length)?;
        let length = ring.parameters.sq_entries as usize * size_of::<Sqe>();
        ring.entries = Mapping::new(descriptor, OFFSET_SQES, length)?;
        ring.operations = ring.probe()?;
        if !opcode::NEEDED.iter().all(|&opcode| ring.has(opcode)) {
            return Err(io::Error::from_raw_os_error(errno::ENOSYS));
        }
        // The indirection between the queue and the entries is not used: each stays in its place.
        for index in 0..ring.parameters.sq_entries {
            let offset = ring.parameters.sq.last[2] + index * size_of::<u32>() as u32;
            ring.word(offset).store(index, Ordering::Relaxed);
        }
        ring.tail.set(ring.word(ring.parameters.sq.tail).load(Ordering::Relaxed));
        Ok(ring)
    }

    fn probe(&self) -> io::Result<u64> {
        let mut probe =
            Probe { last_operation: 0, length: 0, reserved: [0; 7], operations: [ProbedOperation::default(); 64] };
        // SAFETY: the kernel writes to the probe only, which has room for as many as are asked for.
        syscall::check(unsafe {
            syscall!(syscall::IO_URING_REGISTER, self.descriptor, REGISTER_PROBE, &raw mut probe, 64)
        })?;
        let known = probe.operations.iter().take(probe.length.into()).filter(|operation| operation.flags & 1 != 0);
        Ok(known.fold(0, |all, operation| all | 1 << (operation.opcode & 63)))
    }

    /// Whether the kernel has an operation.
    pub(super) fn has(&self, opcode: u8) -> bool {
        self.operations & 1 << opcode != 0
    }

    /// A word of the rings, which the kernel may change at any time.
    fn word(&self, offset: u32) -> &AtomicU32 {
        // SAFETY: the offsets are the kernel's, aligned and inside of the mapping; the words are shared.
        unsafe { &*self.rings.start.byte_add(offset as usize).cast::<AtomicU32>() }
    }

    fn entry(&self, number: u32) -> *mut Sqe {
        let index = number & (self.parameters.sq_entries - 1);
        // SAFETY: there are as many, and the number of them is a power of two.
        unsafe { self.entries.start.cast::<Sqe>().add(index as usize) }
    }

    /// How many entries are queued here that the kernel has not seen.
    fn queued(&self) -> u32 {
        self.tail.get().wrapping_sub(self.word(self.parameters.sq.head).load(Ordering::Acquire))
    }

    /// Queues an entry. When there is no room, those that are there are handed over first.
    pub(super) fn push(&self, entry: Sqe) {
        while self.queued() == self.parameters.sq_entries {
            // Refused, it has too many ends that nobody has taken; they are, below.
            let _ = self.enter(0, None);
            if self.queued() == self.parameters.sq_entries {
                while let Some(ended) = self.next_in_ring() {
                    self.spilled.borrow_mut().push_back(ended);
                }
            }
        }
        let tail = self.tail.get();
        // SAFETY: the place is free, and the kernel looks at it only when it has seen the tail move.
        unsafe { self.entry(tail).write(entry) };
        self.tail.set(tail.wrapping_add(1));
    }

    /// Takes back an entry that the kernel has not seen; false if it has. (Later it would work on a descriptor that
    /// may have been closed, and whose number may be another's by then.)
    pub(super) fn take_back(&self, user_data: u64) -> bool {
        for back in 1..=self.queued() {
            let entry = self.entry(self.tail.get().wrapping_sub(back));
            // SAFETY: queued and not handed over: it is ours alone.
            unsafe {
                if (*entry).user_data == user_data {
                    *entry = Sqe::nothing();
                    return true;
                }
            }
        }
        false
    }

    /// Hands over what is queued, and waits for that many ends, but no longer than the timeout.
    fn enter(&self, ends: u32, timeout: Option<Duration>) -> Result<(), i32> {
        let time = timeout.map(Timespec::from);
        let argument = GeteventsArg {
            signals: 0,
            signals_size: 0,
            reserved: 0,
            timeout: time.as_ref().map_or(0, |time| core::ptr::from_ref(time) as u64),
        };
        let queued = self.queued();
        self.word(self.parameters.sq.tail).store(self.tail.get(), Ordering::Release);
        // SAFETY: what the queued entries point at is kept by the blocks of their operations.
        let result = unsafe {
            syscall!(
                syscall::IO_URING_ENTER,
                self.descriptor,
                queued,
                ends,
                ENTER_GETEVENTS | ENTER_EXT_ARG,
                &raw const argument,
                size_of::<GeteventsArg>()
            )
        };
        if result < 0 { Err(-result as i32) } else { Ok(()) }
    }

    /// Hands over what is queued, if anything is.
    pub(super) fn submit(&self) {
        if self.queued() != 0 {
            let _ = self.enter(0, None); // what the kernel does not take now, it takes with the next wait
        }
    }

    /// Hands over what is queued, and waits until something has ended or the time is over.
    ///
    /// # Errors
    /// The system's, of a kind that trying again does not mend.
    pub(super) fn wait(&self, timeout: Option<Duration>) -> io::Result<()> {
        let flags = self.word(self.parameters.sq.last[0]).load(Ordering::Relaxed);
        let has_ends = !self.spilled.borrow().is_empty() || self.peek().is_some();
        let looks = has_ends || timeout == Some(Duration::ZERO);
        if looks && self.queued() == 0 && flags & (SQ_CQ_OVERFLOW | SQ_TASKRUN) == 0 {
            return Ok(());
        }
        let entered = if looks { self.enter(0, None) } else { self.enter(1, timeout) };
        match entered {
            Ok(()) | Err(errno::ETIME | errno::EINTR | errno::EBUSY | errno::EAGAIN) => Ok(()),
            Err(code) => Err(io::Error::from_raw_os_error(code)),
        }
    }

    /// The next that has ended.
    pub(super) fn next_ended(&self) -> Option<Cqe> {
        let spilled = self.spilled.borrow_mut().pop_front();
        spilled.or_else(|| self.next_in_ring())
    }

    fn peek(&self) -> Option<Cqe> {
        let head = self.word(self.parameters.cq.head).load(Ordering::Relaxed);
        if head == self.word(self.parameters.cq.tail).load(Ordering::Acquire) {
            return None;
        }
        let index = head & (self.parameters.cq_entries - 1);
        let offset = self.parameters.cq.last[1] as usize + index as usize * size_of::<Cqe>();
        // SAFETY: the offset is the kernel's; what lies before the tail it has written, and leaves alone until the
        // head moves.
        Some(unsafe { self.rings.start.byte_add(offset).cast::<Cqe>().read() })
    }

    fn next_in_ring(&self) -> Option<Cqe> {
        let ended = self.peek()?;
        let head = self.word(self.parameters.cq.head);
        head.store(head.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
        Some(ended)
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: nobody else uses it; the kernel stops what is left.
        unsafe { syscall!(syscall::CLOSE, self.descriptor) };
    }
}

/// Memory of the kernel's that is seen here.
struct Mapping {
    start: *mut u8,
    length: usize,
}

impl Mapping {
    const NONE: Self = Self { start: null_mut(), length: 0 };

    fn new(descriptor: i32, offset: usize, length: usize) -> io::Result<Self> {
        const READ_AND_WRITE: usize = 1 | 2;
        const SHARED_POPULATED: usize = 1 | 0x8000;
        // SAFETY: a new mapping, wherever there is room.
        let start = syscall::check(unsafe {
            syscall!(syscall::MMAP, 0, length, READ_AND_WRITE, SHARED_POPULATED, descriptor, offset)
        })?;
        Ok(Self { start: start as *mut u8, length })
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        if !self.start.is_null() {
            // SAFETY: mapped in `new`; nobody looks at it any more.
            unsafe { syscall!(syscall::MUNMAP, self.start, self.length) };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::vec::Vec;

    use super::*;

    /// None where there is no io_uring to be had: in the emulator of other processors.
    fn ring() -> Option<Ring> {
        match Ring::new() {
            Err(error) if cfg!(not(target_arch = "x86_64")) && error.raw_os_error() == Some(errno::ENOSYS) => None,
            ring => Some(ring.unwrap()),
        }
    }

    fn ends(ring: &Ring) -> impl Iterator<Item = u64> {
        core::iter::from_fn(|| ring.next_ended()).map(|ended| ended.user_data)
    }

    #[test]
    fn far_more_entries_than_there_is_room_for_all_end_once() {
        let Some(ring) = ring() else { return };
        let count = u64::from(COMPLETIONS) * 20 + 7;
        for number in 0..count {
            ring.push(Sqe::nothing().named(number));
        }
        let mut ended = BTreeSet::new();
        while ended.len() < count as usize {
            ring.wait(None).unwrap();
            for number in ends(&ring) {
                assert!(number < count && ended.insert(number), "{number} ended twice");
            }
        }
        ring.wait(Some(Duration::ZERO)).unwrap();
        assert_eq!(ends(&ring).next(), None);
    }

    #[test]
    fn the_rings_may_go_round_many_times() {
        let Some(ring) = ring() else { return };
        for round in 0..u64::from(COMPLETIONS) {
            for number in 0..100 {
                ring.push(Sqe::nothing().named(round * 100 + number));
            }
            ring.wait(None).unwrap();
            assert!(ends(&ring).eq(round * 100..round * 100 + 100));
        }
    }

    #[test]
    fn what_was_not_handed_over_can_be_taken_back_and_nothing_else() {
        let Some(ring) = ring() else { return };
        let bell = super::super::worker::Bell::new().unwrap();
        ring.push(Sqe::readable(bell.descriptor(), 7));
        ring.push(Sqe::readable(bell.descriptor(), 8));
        assert!(ring.take_back(7));
        assert!(!ring.take_back(7));
        ring.wait(None).unwrap();
        // What is left in its place ends at once, and names nothing.
        assert!(ends(&ring).eq([0]));
        assert!(!ring.take_back(8));
        ring.push(Sqe::cancel(8));
        ring.wait(None).unwrap();
        let mut told: Vec<_> =
            core::iter::from_fn(|| ring.next_ended()).map(|cqe| (cqe.user_data, cqe.result)).collect();
        told.sort_unstable();
        assert_eq!(told, [(0, 0), (8, -errno::ECANCELED)]);
    }

    #[test]
    fn a_wait_ends_when_its_time_is_over_and_not_before() {
        let Some(ring) = ring() else { return };
        let start = std::time::Instant::now();
        ring.wait(Some(Duration::from_millis(3))).unwrap();
        assert!(start.elapsed() >= Duration::from_millis(3));
    }
}
