//! Who calls: the host, or one of the bundles. Each has a table of functions of its own, and the runtime knows a caller
//! by the address of the table that it calls through. Tables lie in places that are never freed, so an address that is
//! stale or made up is told apart from a good one without looking at what is there.

// Tables are shared with other languages by address.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use polyplug_abi::{AbiErrorCode, DependencyKind, HostApi, identity};

use super::core::Core;
use super::names::Names;
use super::pin::{READERS, pin};
use super::readers::Pin;
use super::registration::Registrations;
use super::slab::{Place, Slab};
use crate::host_functions;
use crate::loader::ManifestData;

/// All tables of this process.
static TABLES: Slab<Table> = Slab::new();

/// Nobody's: never was, or the code that had it is gone.
const VACANT: u32 = 0;
/// The host's.
const HOST: u32 = 1;
/// A bundle's.
const BUNDLE: u32 = 2;
/// Of a runtime that is gone, or of a bundle that did not end.
const CLOSED: u32 = 3;

/// A table and whose it is. The table itself is the same for all, and never written again.
#[derive(Debug)]
#[repr(C, align(256))]
struct Table {
    api: HostApi,
    state: AtomicU32,
    runtime: AtomicU64,
    /// Kept alive by the runtime, which closes all its tables before it goes.
    core: AtomicPtr<Core>,
    /// Owned: from `Arc::into_raw`.
    scope: AtomicPtr<Scope>,
}

impl Place for Table {
    fn vacant(address: *const Self) -> Self {
        Self {
            api: host_functions::table(address.cast_mut().cast::<c_void>()),
            state: AtomicU32::new(VACANT),
            runtime: AtomicU64::new(0),
            core: AtomicPtr::new(ptr::null_mut()),
            scope: AtomicPtr::new(ptr::null_mut()),
        }
    }
}

/// Who calls.
#[derive(Debug)]
pub(crate) struct Scope {
    /// The number of its table.
    place: u32,
    pub(crate) caller: Caller,
}

/// Who calls.
#[derive(Debug)]
pub(crate) enum Caller {
    /// Whoever built the runtime.
    Host,
    /// A bundle.
    Bundle(CallingBundle),
}

/// A bundle as a caller.
#[derive(Debug)]
pub(crate) struct CallingBundle {
    pub(crate) name: Arc<str>,
    /// What its manifest lets it see: what it depends on, and what it provides itself.
    visible: Vec<Visible>,
    /// What it has registered; there while it is being loaded.
    pub(crate) registrations: Mutex<Option<Registrations>>,
}

/// A contract that a bundle may see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visible {
    pub(crate) kind: DependencyKind,
    pub(crate) contract_id: u64,
    /// The least version that its manifest asks for, packed.
    pub(crate) min_version: u32,
    /// The one bundle whose it may see; 0 for all.
    pub(crate) bundle: u64,
}

/// What a caller may see of a contract.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Declared<'a> {
    /// Everything: it is the host.
    All,
    /// What these allow; at least one.
    These(&'a [Visible]),
}

impl Declared<'_> {
    /// Whether it may see the contract of a bundle, or of the host (0).
    #[inline]
    pub(crate) fn allows(self, bundle: u64) -> bool {
        match self {
            Self::All => true,
            Self::These(these) => these.iter().any(|visible| visible.is_of(bundle)),
        }
    }

    /// Whether a version was judged when the caller was loaded, as strictly as the host wants it: its manifest asks for at
    /// least as much of this bundle.
    #[inline]
    pub(crate) fn judged(self, bundle: u64, min_version: u32) -> bool {
        match self {
            Self::All => false,
            Self::These(these) => {
                these.iter().any(|visible| visible.is_of(bundle) && visible.min_version >= min_version.max(1))
            }
        }
    }
}

impl Visible {
    fn is_of(&self, bundle: u64) -> bool {
        self.bundle == 0 || self.bundle == bundle
    }
}

/// A call that came in: who calls, and the runtime, which stays while this is there.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) core: Arc<Core>,
    pub(crate) scope: Arc<Scope>,
}

impl Scope {
    /// Gives a caller its table. `None` if there are four billion of them.
    pub(crate) fn open(core: &Arc<Core>, caller: Caller) -> Option<Arc<Self>> {
        let place = TABLES.take()?;
        let table = TABLES.get(place)?;
        let state = match caller {
            Caller::Host => HOST,
            Caller::Bundle(_) => BUNDLE,
        };
        let scope = Arc::new(Self { place, caller });
        table.runtime.store(core.id, Ordering::SeqCst);
        table.core.store(Arc::as_ptr(core).cast_mut(), Ordering::SeqCst);
        table.scope.store(Arc::into_raw(Arc::clone(&scope)).cast_mut(), Ordering::SeqCst);
        table.state.store(state, Ordering::SeqCst);
        Some(scope)
    }

    /// The table.
    pub(crate) fn table(&self) -> *const HostApi {
        TABLES.get(self.place).map_or(ptr::null(), |table| ptr::from_ref(table).cast())
    }

    /// The number of its table, which is its own as long as it is open.
    pub(crate) fn place(&self) -> u32 {
        self.place
    }

    /// From now on calls through the table end with a code. The address is not used again.
    pub(crate) fn close(&self) {
        let Some(table) = TABLES.get(self.place) else { return };
        table.state.store(CLOSED, Ordering::SeqCst);
        table.core.store(ptr::null_mut(), Ordering::SeqCst);
        let scope = table.scope.swap(ptr::null_mut(), Ordering::SeqCst);
        READERS.wait();
        if !scope.is_null() {
            // SAFETY: it came from `Arc::into_raw`, was swapped out once, and whoever read it before is done.
            drop(unsafe { Arc::from_raw(scope) });
        }
    }

    /// Closes it, and lets somebody else have the address: no code is left that calls through it.
    pub(crate) fn retire(&self) {
        self.close();
        if let Some(table) = TABLES.get(self.place) {
            table.state.store(VACANT, Ordering::SeqCst);
            TABLES.give_back(self.place);
        }
    }

    /// What the caller's manifest says of a contract. `None`: nothing, so it may not see it.
    #[inline]
    pub(crate) fn declared(&self, kind: DependencyKind, contract_id: u64) -> Option<Declared<'_>> {
        let Caller::Bundle(bundle) = &self.caller else { return Some(Declared::All) };
        let its = |visible: &Visible| visible.contract_id == contract_id && visible.kind == kind;
        let start = bundle.visible.iter().position(its)?;
        let rest = bundle.visible.get(start..)?;
        rest.get(..rest.iter().take_while(|visible| its(visible)).count()).map(Declared::These)
    }

    /// The caller in messages.
    pub(crate) fn name(&self) -> &str {
        match &self.caller {
            Caller::Host => "the host",
            Caller::Bundle(bundle) => &bundle.name,
        }
    }
}

impl CallingBundle {
    /// The bundle of a manifest, about to register what it provides.
    pub(crate) fn new(manifest: &ManifestData, names: &Names) -> Self {
        let provided = manifest.provides.iter().map(|provided| Visible {
            kind: DependencyKind::GuestContract,
            contract_id: provided.id(),
            min_version: 0,
            bundle: 0,
        });
        let dependencies = manifest.dependencies.iter().map(|dependency| Visible {
            kind: dependency.kind,
            contract_id: dependency.id(),
            min_version: dependency.min_version.packed(),
            bundle: dependency.bundle.as_deref().map_or(0, identity::bundle_id),
        });
        // What is said of one contract lies side by side.
        let mut visible: Vec<Visible> = dependencies.chain(provided).collect();
        visible.sort_by_key(|visible| visible.contract_id);
        Self { name: names.keep(&manifest.name), visible, registrations: Mutex::new(Some(Registrations::of(manifest))) }
    }

    /// Ends the time in which it may register, and gives what it did.
    pub(crate) fn take_registrations(&self) -> Registrations {
        self.registrations.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }
}

/// The table at an address, if it is one of ours.
#[inline]
fn table_at(this: *const HostApi) -> Result<&'static Table, AbiErrorCode> {
    TABLES.at_address(this.addr()).ok_or(AbiErrorCode::InvalidPointer)
}

/// Whose table it is, for calls that may take their time or run foreign code.
pub(crate) fn enter(this: *const HostApi) -> Result<Call, AbiErrorCode> {
    pinned(this, |core, scope, _| {
        // SAFETY: both are of an `Arc` each that is still counted, since they are pinned.
        unsafe {
            Arc::increment_strong_count(core);
            Arc::increment_strong_count(scope);
            Call { core: Arc::from_raw(core), scope: Arc::from_raw(scope) }
        }
    })
}

/// Runs `look` for the caller whose table it is, pinned: no foreign code, no lock and no wait in it.
#[inline]
pub(crate) fn read<R>(
    this: *const HostApi,
    look: impl FnOnce(&Core, &Scope, &Pin<'_>) -> R,
) -> Result<R, AbiErrorCode> {
    // SAFETY: both are there as long as they are pinned.
    pinned(this, |core, scope, pin| unsafe { look(&*core, &*scope, pin) })
}

/// Runs `look` with what a table is for, which is there until it returns.
#[inline]
fn pinned<R>(
    this: *const HostApi,
    look: impl FnOnce(*const Core, *const Scope, &Pin<'_>) -> R,
) -> Result<R, AbiErrorCode> {
    let table = table_at(this)?;
    let pin = pin();
    let scope = table.scope.load(Ordering::SeqCst);
    let core = table.core.load(Ordering::SeqCst);
    if scope.is_null() || core.is_null() {
        return Err(AbiErrorCode::StaleHandle);
    }
    // `close` takes both out and waits for this pin before they can be freed. If it had begun before the pin, one of the
    // loads would have seen it; they are of one tenant, since the place has no next one before that wait.
    Ok(look(core, scope, &pin))
}

/// The number of the runtime if the table is its host's; `None` if it is a bundle's. Reads nothing that can be freed.
#[inline]
pub(crate) fn runtime_of_host(this: *const HostApi) -> Result<Option<u64>, AbiErrorCode> {
    let table = table_at(this)?;
    match table.state.load(Ordering::Acquire) {
        HOST => Ok(Some(table.runtime.load(Ordering::Relaxed))),
        BUNDLE => Ok(None),
        _ => Err(AbiErrorCode::StaleHandle),
    }
}
