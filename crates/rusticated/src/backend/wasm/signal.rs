//! Signals that the host tells.
#![allow(unsafe_code, reason = "the host is told where to tell the end")]
use super::call::call;
use crate::abi::imports;
use crate::io::{self, ErrorKind};
use crate::rt::operation::result;
use crate::signal::{Signal, Signals};

const ALL: [Signal; 7] = [
    Signal::Interrupt,
    Signal::Terminate,
    Signal::Hangup,
    Signal::Quit,
    Signal::User1,
    Signal::User2,
    Signal::WindowChange,
];

pub(crate) async fn wait(signals: Signals) -> io::Result<Signal> {
    let mask = ALL.iter().filter(|&&signal| signals.contains(signal)).map(|&signal| 1 << signal as u32).sum();
    // SAFETY: `call` keeps the Overlapped.
    let (outcome, ()) = call((), |(), overlapped| unsafe { imports::signal_wait(mask, overlapped) }).await;
    let which = result(outcome)?;
    let unknown = || io::Error::message(ErrorKind::InvalidData, "the host told a signal that it was not asked for");
    ALL.get(which as usize).copied().ok_or_else(unknown)
}
