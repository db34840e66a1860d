//! Contracts: how functions of the other side are found and called.
//!
//! All functions have one shape. `args` points at the parameters, laid out in order as the fields of a C struct; `out`
//! at room for what is returned. Either is null where there is nothing. Types: integers, floats, `bool` as one byte (0
//! or 1), enumerations as their integer, [`StringView`](crate::types::StringView), [`Buffer`](crate::types::Buffer),
//! [`ArrayView`](crate::types::ArrayView), and C structs of these. Views among the arguments live for the call; views
//! in what is returned lie in the arena or live as long as the instance.

use core::ffi::c_void;

use crate::arena::CallArena;
use crate::host::HostApi;
use crate::types::Version;

/// A function of a contract. Returns a code; see [`AbiErrorCode`](crate::AbiErrorCode). May be called from any thread,
/// and from several at once. It may not unwind.
pub type Function =
    unsafe extern "C" fn(instance: *mut c_void, args: *const c_void, out: *mut c_void, arena: *mut CallArena) -> u32;

/// The one entry of a contract that is not compiled: the function's number comes as an argument.
pub type CallGuest = unsafe extern "C" fn(
    context: *mut c_void,
    function: u32,
    instance: *mut c_void,
    args: *const c_void,
    out: *mut c_void,
    arena: *mut CallArena,
) -> u32;

/// Makes an instance and writes it to `out`; null is a value like others.
pub type CreateInstance = unsafe extern "C" fn(
    context: *mut c_void,
    host: *const HostApi,
    arena: *mut CallArena,
    out: *mut *mut c_void,
) -> u32;

/// Ends an instance. It comes once for each that was made, when no call of it is under way.
pub type DestroyInstance = unsafe extern "C" fn(context: *mut c_void, instance: *mut c_void);

/// How the functions of a contract are reached.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DispatchKind {
    /// Through [`functions`](ContractInterface::functions).
    Native = 0,
    /// Through [`call`](ContractInterface::call).
    Vm = 1,
}

impl DispatchKind {
    /// The kind of a number that came over the boundary.
    #[must_use]
    pub const fn from_u32(value: u32) -> Option<Self> {
        match value {
            0 => Some(Self::Native),
            1 => Some(Self::Vm),
            _ => None,
        }
    }
}

/// In [`flags`](ContractInterface::flags): there is one instance, made when it is first asked for, for all who ask.
pub const SINGLETON: u32 = 1;

/// What a provider tells of a contract when it registers it. 72 bytes on 64-bit targets. The runtime copies the struct;
/// what it points at has to stay until the bundle is unloaded (for a host contract: until the runtime is gone).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ContractInterface {
    /// [`guest_contract_id`](crate::identity::guest_contract_id) or
    /// [`host_contract_id`](crate::identity::host_contract_id).
    pub contract_id: u64,
    /// The version that is provided.
    pub version: Version,
    /// A [`DispatchKind`].
    pub dispatch: u32,
    /// How many functions there are. Their numbers are their places in the contract's declaration, from 0.
    pub function_count: u32,
    /// [`SINGLETON`], or 0.
    pub flags: u32,
    /// Zero.
    pub reserved: u32,
    /// Native dispatch: this many functions. Otherwise null.
    pub functions: *const Function,
    /// VM dispatch: the entry.
    pub call: Option<CallGuest>,
    /// The provider's own, handed to `create`, `destroy` and `call`.
    pub context: *mut c_void,
    /// Makes instances. Absent: there is nothing to make, and the instance is `context`.
    pub create: Option<CreateInstance>,
    /// Ends them.
    pub destroy: Option<DestroyInstance>,
}

/// A contract that a plugin provides.
pub type GuestContractInterface = ContractInterface;
/// A contract that the host provides to plugins. It cannot be withdrawn: whoever resolved it may keep it.
pub type HostContractInterface = ContractInterface;

// SAFETY: plain numbers and addresses; what may be called from which thread, the functions' own rules say.
unsafe impl Send for ContractInterface {}
// SAFETY: as above.
unsafe impl Sync for ContractInterface {}
