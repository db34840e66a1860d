//! The kernel that is played: what the runtime asks of a backend, and operations whose ends the tests decide.
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr::NonNull;
use std::rc::Rc;
use std::time::Duration;

use crate::rt::Runtime;
use crate::rt::operation::{Begun, Header, Operation, Outcome, Payload};

/// What a cancelled operation says.
pub(crate) const CANCELED: Outcome = -125;

pub(crate) mod driver {
    use super::*;

    /// What the kernel does at the end of an operation, with its outcome.
    type Act = Box<dyn FnOnce() -> Outcome>;

    struct InFlight {
        header: NonNull<Header>,
        act: Act,
        cancelled: bool,
    }

    #[derive(Default)]
    pub(crate) struct Driver {
        in_flight: RefCell<Vec<InFlight>>,
        dice: Cell<u64>,
        held: Cell<bool>,
    }

    impl Driver {
        pub(crate) fn new() -> std::io::Result<Self> {
            Ok(Self::default())
        }

        pub(crate) fn name(&self) -> &'static str {
            "played"
        }

        pub(crate) fn is_idle(&self) -> bool {
            self.in_flight.borrow().is_empty()
        }

        /// Ends one operation, any of them, or lets the time pass.
        pub(crate) fn wait(&self, timeout: Option<Duration>) -> std::io::Result<()> {
            let count = self.in_flight.borrow().len();
            if self.held.get() {
                assert_eq!(timeout, Some(Duration::ZERO), "nothing ends that is held");
            } else if count > 0 {
                let chosen = self.roll(count);
                self.end(chosen);
            } else {
                let timeout = timeout.expect("nothing is in flight, and no timer runs: this would sleep for ever");
                super::clock::pass(timeout);
            }
            Ok(())
        }

        /// The kernel takes note, and ends the operation at once or later, cancelled or not.
        pub(crate) fn cancel(&self, header: NonNull<Header>) {
            let place = {
                let mut in_flight = self.in_flight.borrow_mut();
                let place = in_flight.iter().position(|each| each.header == header).expect("it is in flight");
                assert!(!in_flight[place].cancelled, "it is cancelled once");
                in_flight[place].cancelled = true;
                place
            };
            if !self.held.get() && self.roll(3) == 0 {
                self.end(place);
            }
        }

        pub(crate) fn close(&self) {
            while !self.is_idle() {
                self.end(0);
            }
        }

        /// Makes what follows depend on a seed.
        pub(crate) fn seed(&self, seed: u64) {
            self.dice.set(seed);
        }

        /// Lets nothing end until it is released, or closed.
        pub(crate) fn hold(&self, held: bool) {
            self.held.set(held);
        }

        fn begin(&self, header: NonNull<Header>, act: Act) {
            self.in_flight.borrow_mut().push(InFlight { header, act, cancelled: false });
        }

        fn end(&self, place: usize) {
            let ended = self.in_flight.borrow_mut().swap_remove(place);
            let obeys = ended.cancelled && self.roll(2) == 0;
            let outcome = if obeys { CANCELED } else { (ended.act)() };
            // SAFETY: it was in flight, and is no more.
            unsafe { Header::complete(ended.header, outcome) };
        }

        fn roll(&self, sides: usize) -> usize {
            // The linear generator of Knuth's MMIX; its upper bits are the good ones.
            let next = self.dice.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.dice.set(next);
            (next >> 33) as usize % sides
        }
    }

    /// Reads `bytes` into the vector's spare capacity when the kernel comes to it.
    pub(crate) fn read<P: Buffer>(payload: P, bytes: &'static [u8]) -> Operation<u64, P> {
        Runtime::with(|runtime| {
            Operation::start(Rc::clone(runtime.driver()), 0, payload, |driver, begin| {
                let mut payload = begin.payload;
                // SAFETY: the block is alive, and nobody else has its payload borrowed.
                let (place, capacity) = unsafe { payload.as_mut() }.spare();
                let count = bytes.len().min(capacity);
                driver.begin(
                    begin.header,
                    Box::new(move || {
                        // SAFETY: the block and its buffer live until the end is told: what is under test.
                        unsafe {
                            place.copy_from_nonoverlapping(bytes.as_ptr(), count);
                            begin.kernel.write(count as u64);
                        }
                        count as Outcome
                    }),
                );
                Begun::Pending
            })
        })
    }

    /// Ends at once.
    pub(crate) fn inline<P: Payload>(payload: P, outcome: Outcome) -> Operation<(), P> {
        Runtime::with(|runtime| Operation::start(Rc::clone(runtime.driver()), (), payload, |_, _| Begun::Done(outcome)))
    }
}

/// Where a read puts its bytes.
pub(crate) trait Buffer: Payload {
    fn spare(&mut self) -> (*mut u8, usize);
}

impl Buffer for Vec<u8> {
    fn spare(&mut self) -> (*mut u8, usize) {
        let spare = self.spare_capacity_mut();
        (spare.as_mut_ptr().cast(), spare.len())
    }
}

pub(crate) mod clock {
    use super::*;

    thread_local!(static NOW: Cell<u64> = const { Cell::new(1) });

    pub(crate) fn monotonic() -> u64 {
        NOW.get()
    }

    pub(crate) fn pass(time: Duration) {
        NOW.set(NOW.get() + time.as_nanos() as u64);
    }
}

pub(crate) mod thread {
    use super::*;

    type Destroy = unsafe extern "C" fn(*mut c_void);

    struct AtEnd(Cell<Option<Destroy>>);

    impl Drop for AtEnd {
        fn drop(&mut self) {
            // As pthread keys do it: empties the slot first.
            let slot = SLOT.replace(std::ptr::null_mut());
            if let Some(destroy) = self.0.get()
                && !slot.is_null()
            {
                // SAFETY: what was in the slot is what the function takes.
                unsafe { destroy(slot) }
            }
        }
    }

    thread_local! {
        static SLOT: Cell<*mut c_void> = const { Cell::new(std::ptr::null_mut()) };
        static AT_END: AtEnd = const { AtEnd(Cell::new(None)) };
    }

    pub(crate) fn slot() -> *mut c_void {
        SLOT.get()
    }

    pub(crate) fn set_slot(slot: *mut c_void, destroy: Destroy) {
        SLOT.set(slot);
        // Fails while the thread ends, when it was set before.
        let _ = AT_END.try_with(|end| end.0.set(Some(destroy)));
    }
}
