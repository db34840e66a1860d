//! Finding contracts. Lock-free, and in one piece: what is found belongs together.

// Reads the view by address.
#![allow(unsafe_code)]

use std::slice;

use polyplug_abi::types::Version;
use polyplug_abi::{AbiErrorCode, DependencyKind};

use super::contract_slots::{self, Handle, Tenant};
use super::core::Core;
use super::published::Replaced;
use super::readers::Pin;
use super::scope::{Declared, Scope};
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
        let declared = scope.declared(DependencyKind::GuestContract, id).ok_or(Miss::Undeclared)?;
        first(self.view(pin).guests(id), declared, min_version)
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
        let declared = scope.declared(DependencyKind::GuestContract, id).ok_or(Miss::Undeclared)?;
        let fits = |provider: &&Provider| {
            declared.allows(provider.bundle)
                && (does(provider.version, min_version) || declared.judged(provider.bundle, min_version))
        };
        self.view(pin).guests(id).iter().filter(fits).map(|provider| provider.handle).for_each(take);
        Ok(())
    }

    /// A contract of the host.
    pub(crate) fn find_host(&self, scope: &Scope, id: u64, min_version: u32, pin: &Pin<'_>) -> Result<Handle, Miss> {
        let declared = scope.declared(DependencyKind::HostContract, id).ok_or(Miss::Undeclared)?;
        first(self.view(pin).host(id).map_or(&[], slice::from_ref), declared, min_version)
    }

    /// What a handle of a bundle's contract is for.
    #[inline]
    pub(crate) fn tenant(&self, scope: &Scope, handle: Handle, kind: DependencyKind) -> Result<Tenant, Miss> {
        let tenant = resolve(self.id, handle, kind).ok_or(Miss::Stale)?;
        let declared = scope.declared(kind, tenant.contract_id).ok_or(Miss::Undeclared)?;
        if declared.allows(tenant.provider) { Ok(tenant) } else { Err(Miss::Undeclared) }
    }
}

/// The first of these that the caller may see and that does; otherwise the first that its load let pass.
#[inline]
fn first(providers: &[Provider], declared: Declared<'_>, min_version: u32) -> Result<Handle, Miss> {
    let mut allowed = providers.iter().filter(|provider| declared.allows(provider.bundle));
    if let Some(provider) = allowed.clone().find(|provider| does(provider.version, min_version)) {
        return Ok(provider.handle);
    }
    match allowed.clone().find(|provider| declared.judged(provider.bundle, min_version)) {
        Some(provider) => Ok(provider.handle),
        None => Err(allowed.next().map_or(Miss::Absent, |provider| Miss::Version(provider.version))),
    }
}

/// What a handle is for, if it is one of this runtime and kind.
#[inline]
pub(crate) fn resolve(runtime: u64, handle: Handle, kind: DependencyKind) -> Option<Tenant> {
    let tenant = contract_slots::read(handle)?;
    let of_host = tenant.bundle.is_null();
    (tenant.runtime == runtime && of_host == (kind == DependencyKind::HostContract)).then_some(tenant)
}
