//! Finding contracts. Lock-free, and in one piece: what is found belongs together.

// Reads the view by address.
#![allow(unsafe_code)]

use polyplug_abi::types::Version;
use polyplug_abi::{AbiErrorCode, DependencyKind};

use super::contract_slots::{self, Handle, Tenant};
use super::core::Core;
use super::published::Replaced;
use super::readers::Pin;
use super::scope::{Scope, Visible};
use super::view::{Provider, View, does};
use crate::error::Failure;

/// Why nothing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    /// The caller's manifest does not name it.
    Undeclared,
    /// Nobody provides it.
    Absent,
    /// It is there in another version.
    Version(Version),
    /// What the handle was for is gone.
    Stale,
}

impl Miss {
    /// In words, for a contract that `scope` asked for.
    #[cold]
    pub(crate) fn describe(self, scope: &Scope, contract_id: Option<u64>, min_version: u32) -> Failure {
        let contract = contract_id.map_or_else(|| "this contract".to_owned(), |id| format!("contract {id:#018x}"));
        let caller = scope.name();
        match self {
            Self::Undeclared => Failure::new(
                AbiErrorCode::UndeclaredDependency,
                format!("bundle `{caller}` asks for {contract}, which is not among the dependencies in its manifest"),
            ),
            Self::Absent => Failure::new(AbiErrorCode::NotFound, format!("nobody provides {contract}")),
            Self::Version(found) => {
                let wanted = Version::from_packed(min_version);
                let message = format!(
                    "{contract} is there in version {found}; asked for is at least {}.{}",
                    wanted.major, wanted.minor
                );
                Failure::new(AbiErrorCode::VersionMismatch, message)
            }
            Self::Stale => {
                Failure::new(AbiErrorCode::StaleHandle, "the handle's contract was withdrawn; it has to be found anew")
            }
        }
    }
}

impl Core {
    /// The view, for a thread that is pinned.
    #[inline]
    fn view<'a>(&'a self, pin: &'a Pin<'_>) -> &'a View {
        // SAFETY: all pins of this crate are of `READERS`, for which whoever replaces the view waits.
        unsafe { self.view.read(pin) }
    }

    /// Publishes a changed view. Only for who has the registry.
    pub(crate) fn change_view(&self, change: impl FnOnce(&mut View)) -> Replaced<View> {
        let mut next = self.view(&super::pin::pin()).clone();
        change(&mut next);
        self.view.replace(next)
    }

    /// The first provider of a contract that does.
    #[inline]
    pub(crate) fn find(&self, scope: &Scope, id: u64, min_version: u32, pin: &Pin<'_>) -> Result<Handle, Miss> {
        let visible = scope.visible(DependencyKind::GuestContract, id).ok_or(Miss::Undeclared)?;
        let providers = self.view(pin).guests(id);
        let mut candidates = providers.iter().filter(|provider| allowed(visible, provider));
        let first = candidates.clone().next().ok_or(Miss::Absent)?;
        if let Some(provider) = candidates.find(|provider| does(provider.version, min_version)) {
            return Ok(provider.handle);
        }
        // What the manifest asks for was judged when the bundle was loaded, as strictly as the host wants it.
        if visible.is_some_and(|visible| visible.min_version != 0 && min_version <= visible.min_version) {
            return Ok(first.handle);
        }
        Err(Miss::Version(first.version))
    }

    /// All providers of a contract that do: hands each to `take`.
    pub(crate) fn find_all(
        &self,
        scope: &Scope,
        id: u64,
        min_version: u32,
        pin: &Pin<'_>,
        take: impl FnMut(Handle),
    ) -> Result<(), Miss> {
        let visible = scope.visible(DependencyKind::GuestContract, id).ok_or(Miss::Undeclared)?;
        let providers = self.view(pin).guests(id).iter();
        let fitting = providers.filter(|provider| allowed(visible, provider) && does(provider.version, min_version));
        fitting.map(|provider| provider.handle).for_each(take);
        Ok(())
    }

    /// A contract of the host.
    pub(crate) fn find_host(&self, scope: &Scope, id: u64, min_version: u32, pin: &Pin<'_>) -> Result<Handle, Miss> {
        let visible = scope.visible(DependencyKind::HostContract, id).ok_or(Miss::Undeclared)?;
        let provider = self.view(pin).host(id).ok_or(Miss::Absent)?;
        let judged = visible.is_some_and(|visible| visible.min_version != 0 && min_version <= visible.min_version);
        if judged || does(provider.version, min_version) {
            Ok(provider.handle)
        } else {
            Err(Miss::Version(provider.version))
        }
    }

    /// What a handle of a bundle's contract is for.
    #[inline]
    pub(crate) fn tenant(&self, scope: &Scope, handle: Handle, kind: DependencyKind) -> Result<Tenant, Miss> {
        let tenant = resolve(self.id, handle, kind).ok_or(Miss::Stale)?;
        match scope.visible(kind, tenant.contract_id) {
            Some(_) => Ok(tenant),
            None => Err(Miss::Undeclared),
        }
    }
}

/// Whether a bundle may see this provider.
#[inline]
fn allowed(visible: Option<Visible>, provider: &Provider) -> bool {
    visible.is_none_or(|visible| visible.bundle == 0 || visible.bundle == provider.bundle)
}

/// What a handle is for, if it is one of this runtime and kind.
#[inline]
pub(crate) fn resolve(runtime: u64, handle: Handle, kind: DependencyKind) -> Option<Tenant> {
    let tenant = contract_slots::read(handle)?;
    let of_host = tenant.bundle.is_null();
    (tenant.runtime == runtime && of_host == (kind == DependencyKind::HostContract)).then_some(tenant)
}
