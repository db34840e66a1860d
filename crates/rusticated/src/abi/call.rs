//! Host functions of a program's own.
use super::Overlapped;
use crate::backend;

/// Calls a function of the host's that begins an operation, and waits for its outcome: for programs that have host
/// functions of their own beside [`super::imports`].
///
/// `begin` calls the function with the address of an [`Overlapped`], and gives what that gave: [`super::PENDING`] or
/// the outcome. What it lends to the host lies in `value`, which stays where it is, and alive, until the host has told
/// the end: also when this future is dropped. (What `value` points to stays, too, if `value` owns it, as a vector
/// does.)
pub async fn call<T: 'static>(value: T, begin: impl FnOnce(&mut T, *const Overlapped) -> i64) -> (i64, T) {
    backend::call::call(value, begin).await
}
