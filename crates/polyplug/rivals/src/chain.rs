//! `build`: a runtime over all bundles of a folder; `kept` when the process ends, or `ended` before.

use std::path::Path;
use std::sync::Arc;

use polyplug::error::LoaderError;
use polyplug::loader::{BundleLoader, LoadRequest, LoadedBundle};
use polyplug::{Runtime, RuntimeBuilder};
use polyplug_abi::identity::guest_contract_id;
use polyplug_abi::types::StringView;
use polyplug_abi::{DispatchKind, Function, GuestContractInterface, PluginDescriptor};

pub(crate) fn runtime(folder: &Path) -> Arc<Runtime> {
    RuntimeBuilder::new().plugin_dir(folder.to_owned()).loader(Nothing).build().unwrap()
}

pub(crate) fn built(folder: &Path, kept: bool) -> u64 {
    let runtime = runtime(folder);
    let host = runtime.host_api();
    let mut count = 0;
    // SAFETY: the runtime's own table, and a place to write to.
    unsafe { ((*host).list_bundles)(host, std::ptr::null_mut(), 0, &raw mut count) };
    if kept {
        std::mem::forget(runtime);
    }
    count as u64
}

/// Loads bundles that are nothing but a contract with no functions: what is measured is the runtime.
struct Nothing;

struct NoBundle;

impl LoadedBundle for NoBundle {}

impl BundleLoader for Nothing {
    fn loader_name(&self) -> &str {
        "nothing"
    }

    fn can_reload(&self) -> bool {
        true
    }

    fn load(&self, request: &LoadRequest<'_>) -> Result<Box<dyn LoadedBundle>, LoaderError> {
        let provided = &request.manifest.provides[0];
        let plugin = PluginDescriptor {
            name: StringView::new("link"),
            contract_name: StringView::new(&provided.contract),
            version: provided.version,
        };
        let contract = GuestContractInterface {
            contract_id: guest_contract_id(&provided.contract, provided.version.major),
            version: provided.version,
            dispatch: DispatchKind::Native as u32,
            function_count: 0,
            flags: 0,
            reserved: 0,
            functions: std::ptr::NonNull::<Function>::dangling().as_ptr(),
            call: None,
            context: std::ptr::null_mut(),
            create: None,
            destroy: None,
        };
        // SAFETY: the bundle's own table.
        let code =
            unsafe { ((*request.host).register_guest_contract)(request.host, &raw const plugin, &raw const contract) };
        assert_eq!(code, 0, "{}", request.manifest.name);
        Ok(Box::new(NoBundle))
    }
}
