//! The runtime, as generated code sees it: the table of functions that a host or a bundle has.

use std::marker::PhantomData;
use std::ptr::NonNull;

use polyplug_abi::types::{LogLevel, StringView};
use polyplug_abi::{AbiErrorCode, HostApi};

use crate::CallError;

/// The runtime's functions, valid during `'r`: for a bundle as long as its code is there, for a host as long as it holds
/// the runtime.
#[derive(Clone, Copy, Debug)]
pub struct Host<'r> {
    api: NonNull<HostApi>,
    life: PhantomData<&'r HostApi>,
}

// SAFETY: an address of a table whose functions may be called from any thread.
unsafe impl Send for Host<'_> {}
// SAFETY: as above.
unsafe impl Sync for Host<'_> {}

/// A contract that can be called; generated code implements it for its callers.
pub trait Contract<'r>: Sized {
    /// Finds the contract.
    ///
    /// # Errors
    ///
    /// It is not there, or not in this version.
    fn open(host: Host<'r>) -> Result<Self, CallError>;
}

impl<'r> Host<'r> {
    /// The table at `api`.
    ///
    /// # Errors
    ///
    /// `api` is null or unaligned.
    ///
    /// # Safety
    ///
    /// Otherwise it is a runtime's table, and stays during `'r`.
    pub unsafe fn from_raw(api: *const HostApi) -> Result<Self, CallError> {
        match NonNull::new(api.cast_mut()).filter(|api| api.is_aligned()) {
            Some(api) => Ok(Self { api, life: PhantomData }),
            None => {
                Err(CallError::abi(AbiErrorCode::InvalidPointer, "the table of the host's functions is no pointer"))
            }
        }
    }

    /// The table's address.
    #[must_use]
    pub fn as_ptr(self) -> *const HostApi {
        self.api.as_ptr()
    }

    pub(crate) fn api(self) -> &'r HostApi {
        // SAFETY: the promise to `from_raw`.
        unsafe { self.api.as_ref() }
    }

    /// A caller of a contract: `let painter: PainterCaller = host.open()?`.
    ///
    /// # Errors
    ///
    /// The contract is not there, or not in this version.
    pub fn open<C: Contract<'r>>(self) -> Result<C, CallError> {
        C::open(self)
    }

    /// Writes to the host's log.
    pub fn log(self, level: LogLevel, scope: &str, message: &str) {
        // SAFETY: the promise to `from_raw`; the views live for the call. What a log cannot take is nobody's error.
        unsafe { (self.api().log)(self.as_ptr(), level as u32, StringView::new(scope), StringView::new(message)) };
    }

    /// `code`, if it is not success, with the runtime's words for it.
    pub(crate) fn check(self, code: u32) -> Result<(), CallError> {
        if code == 0 { Ok(()) } else { Err(CallError::new(code, self.last_error())) }
    }

    /// The runtime's last error; empty if there is none.
    fn last_error(self) -> String {
        let api = self.api();
        // SAFETY: the promise to `from_raw`.
        let mut text = vec![0; unsafe { (api.get_error_len)(self.as_ptr()) }];
        let mut written = 0;
        // SAFETY: as above; the buffer has that size.
        let code = unsafe { (api.get_last_error)(self.as_ptr(), text.as_mut_ptr(), text.len(), &raw mut written) };
        // Another thread may have failed meanwhile, with more words: then those are left for the next who asks.
        text.truncate(if code == 0 { written } else { 0 });
        String::from_utf8_lossy(&text).into_owned()
    }
}

#[cfg(feature = "runtime")]
impl<'r> From<&'r std::sync::Arc<polyplug::Runtime>> for Host<'r> {
    fn from(runtime: &'r std::sync::Arc<polyplug::Runtime>) -> Self {
        let api = NonNull::new(runtime.host_api().cast_mut());
        // The table is there as long as the runtime, which is borrowed.
        Self { api: api.unwrap_or_else(|| unreachable!("a runtime has a table")), life: PhantomData }
    }
}
