//! The codes with which calls over the boundary end.

/// How a call ended. Crosses the boundary as `u32`: 0 is success, 1 to 255 are defined here, from 256 on they are a
/// plugin's own. What went wrong in words: for functions of [`HostApi`](crate::HostApi) the runtime's last error, for
/// functions of plugins and for `polyplug_init` the [`message`](crate::CallArena::message) of the caller's arena.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AbiErrorCode {
    /// It worked.
    Ok = 0,
    /// It did not; the message says why.
    Failed = 1,
    /// What is to be written does not fit; the needed size was written.
    BufferTooSmall = 2,
    /// A panic or an exception of the language that was called; it did not cross the boundary.
    Panicked = 3,
    /// There is no such thing.
    NotFound = 4,
    /// What the handle was for is gone.
    StaleHandle = 5,
    /// The contract has no function with this number.
    FunctionNotAvailable = 6,
    /// A pointer is null or unaligned, or its length cannot be.
    InvalidPointer = 7,
    /// A value is none of those that are allowed.
    InvalidArgument = 8,
    /// Text is not UTF-8.
    InvalidUtf8 = 9,
    /// It is there, in a version that does not do.
    VersionMismatch = 10,
    /// The bundle's manifest does not name this dependency.
    UndeclaredDependency = 11,
    /// It was registered before.
    AlreadyRegistered = 12,
    /// A contract has other functions than the manifest says.
    FunctionCountMismatch = 13,
    /// A manifest is missing, broken, or does not tell the truth.
    InvalidManifest = 14,
    /// No bundle provides what another depends on.
    MissingCapability = 15,
    /// Bundles depend on each other in a circle.
    DependencyCycle = 16,
    /// Two bundles provide one contract.
    DuplicateProvider = 17,
    /// Two bundles have one name.
    DuplicateBundle = 18,
    /// Two loaders have one name.
    DuplicateLoader = 19,
    /// There is no loader with the name that the manifest gives.
    LoaderNotFound = 20,
    /// The bundle's file cannot be loaded.
    LoadFailed = 21,
    /// The library has no entry point.
    EntryMissing = 22,
    /// The plugin's initialisation returned an error.
    InitFailed = 23,
    /// The plugin was built for another version of this ABI.
    AbiMismatch = 24,
    /// The manifest promises a contract that the plugin did not register, or the other way round.
    ContractMismatch = 25,
    /// Two names have one hash.
    ContractIdCollision = 26,
    /// The host did not switch hot reload on.
    ReloadDisabled = 27,
    /// The bundle's loader cannot reload.
    ReloadUnsupported = 28,
    /// Other bundles depend on it.
    InUse = 29,
    /// A call that may not be made from here: loading while a bundle is being loaded by this very thread, say.
    Reentrant = 30,
    /// There is no more memory.
    OutOfMemory = 31,
    /// A plugin did not return in time; what it holds is kept, since it may still run.
    TimedOut = 32,
    /// The operating system said no.
    Io = 33,
}

impl AbiErrorCode {
    /// Every code, in order.
    pub const ALL: [Self; 34] = [
        Self::Ok,
        Self::Failed,
        Self::BufferTooSmall,
        Self::Panicked,
        Self::NotFound,
        Self::StaleHandle,
        Self::FunctionNotAvailable,
        Self::InvalidPointer,
        Self::InvalidArgument,
        Self::InvalidUtf8,
        Self::VersionMismatch,
        Self::UndeclaredDependency,
        Self::AlreadyRegistered,
        Self::FunctionCountMismatch,
        Self::InvalidManifest,
        Self::MissingCapability,
        Self::DependencyCycle,
        Self::DuplicateProvider,
        Self::DuplicateBundle,
        Self::DuplicateLoader,
        Self::LoaderNotFound,
        Self::LoadFailed,
        Self::EntryMissing,
        Self::InitFailed,
        Self::AbiMismatch,
        Self::ContractMismatch,
        Self::ContractIdCollision,
        Self::ReloadDisabled,
        Self::ReloadUnsupported,
        Self::InUse,
        Self::Reentrant,
        Self::OutOfMemory,
        Self::TimedOut,
        Self::Io,
    ];

    /// The number that crosses the boundary.
    #[must_use]
    pub const fn as_u32(self) -> u32 {
        self as u32
    }

    /// The code of a number that came over the boundary; `None` for a plugin's own and for what nobody defined.
    #[must_use]
    pub const fn from_u32(value: u32) -> Option<Self> {
        if (value as usize) < Self::ALL.len() { Some(Self::ALL[value as usize]) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_its_code_and_no_other_is_one() {
        for (number, code) in (0..).zip(AbiErrorCode::ALL) {
            assert_eq!(code.as_u32(), number);
            assert_eq!(AbiErrorCode::from_u32(number), Some(code));
        }
        assert_eq!(AbiErrorCode::from_u32(34), None);
        assert_eq!(AbiErrorCode::from_u32(256), None);
        assert_eq!(AbiErrorCode::from_u32(u32::MAX), None);
    }
}
