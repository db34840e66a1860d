//! What the tests of the runtime share: a loader whose bundles are Rust closures, bundles on disk for it, and a log that
//! is kept.

#![allow(unsafe_code)] // Plays plugins and hosts of other languages.
#![allow(dead_code)] // Each test uses a part of it.

use std::collections::HashMap;
use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use polyplug::error::LoaderError;
use polyplug::loader::{BundleLoader, LoadRequest, LoadedBundle};
use polyplug_abi::identity::{bundle_id, guest_contract_id};
use polyplug_abi::types::{LogLevel, StringView, Version};
use polyplug_abi::{
    AbiErrorCode, CallArena, ContractInterface, DispatchKind, Function, GuestContractHandle, HostApi, PluginDescriptor,
};
use tempfile::TempDir;

/// A folder of bundles.
pub(crate) struct Bundles(pub TempDir);

impl Bundles {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a bundle for the loader `test`; `rest` is more of its manifest.
    pub(crate) fn add(&self, name: &str, rest: &str) -> PathBuf {
        let folder = self.0.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let id = bundle_id(name);
        let version =
            if rest.contains("version =") && rest.starts_with("version") { "" } else { "version = \"1.0.0\"\n" };
        let manifest =
            format!("name = \"{name}\"\nid = \"{id:#018x}\"\n{version}loader = \"test\"\nfile = \"code\"\n{rest}");
        std::fs::write(folder.join("manifest.toml"), manifest).unwrap();
        std::fs::write(folder.join("code"), "").unwrap();
        folder
    }
}

/// A manifest's line for contracts, and a table for dependencies: `provides(&["a.B@1"])`.
pub(crate) fn provides(contracts: &[&str]) -> String {
    format!("provides = {contracts:?}\n")
}

/// A dependency on a contract of a bundle, as a manifest's table.
pub(crate) fn depends(contract: &str) -> String {
    format!("[[dependencies]]\ncontract = \"{contract}\"\n")
}

type Start = dyn Fn(&LoadRequest<'_>) -> Result<Box<dyn LoadedBundle>, LoaderError> + Send + Sync;

/// A loader whose bundles are closures by name. Those that have none register what their manifest promises, with
/// functions that do nothing.
#[derive(Clone, Default)]
pub(crate) struct TestLoader(Arc<Shared>);

#[derive(Default)]
struct Shared {
    starts: Mutex<HashMap<String, Arc<Start>>>,
    loaded: Mutex<Vec<String>>,
    dropped: Arc<Mutex<Vec<String>>>,
    no_reload: AtomicBool,
    no_history: AtomicBool,
}

impl TestLoader {
    /// What the bundle does when it is loaded.
    pub(crate) fn on_load(
        &self,
        bundle: &str,
        start: impl Fn(&LoadRequest<'_>) -> Result<Box<dyn LoadedBundle>, LoaderError> + Send + Sync + 'static,
    ) {
        self.0.starts.lock().unwrap().insert(bundle.to_owned(), Arc::new(start));
    }

    /// What the bundle does with its table when it is loaded; a code that is not 0 is its failure.
    pub(crate) fn on_init(&self, bundle: &str, init: impl Fn(*const HostApi) -> u32 + Send + Sync + 'static) {
        let dropped = Arc::clone(&self.0.dropped);
        self.on_load(bundle, move |request| match init(request.host) {
            0 => Ok(Box::new(Running { name: request.manifest.name.clone(), dropped: Arc::clone(&dropped) })),
            code => Err(failed(request, code)),
        });
    }

    pub(crate) fn without_reload(self) -> Self {
        self.0.no_reload.store(true, Ordering::SeqCst);
        self
    }

    /// Keeps no list of what it did.
    pub(crate) fn without_history(self) -> Self {
        self.0.no_history.store(true, Ordering::SeqCst);
        self
    }

    /// The bundles in the order in which they were loaded.
    pub(crate) fn loaded(&self) -> Vec<String> {
        self.0.loaded.lock().unwrap().clone()
    }

    /// The bundles in the order in which they ended.
    pub(crate) fn dropped(&self) -> Vec<String> {
        self.0.dropped.lock().unwrap().clone()
    }

    /// A bundle that says when it is dropped.
    pub(crate) fn running(&self, name: &str) -> Box<dyn LoadedBundle> {
        Box::new(Running { name: name.to_owned(), dropped: Arc::clone(&self.0.dropped) })
    }
}

pub(crate) fn failed(request: &LoadRequest<'_>, code: u32) -> LoaderError {
    LoaderError::InitFailed { bundle: request.manifest.name.clone(), error: "it says so".to_owned(), code }
}

impl BundleLoader for TestLoader {
    fn loader_name(&self) -> &str {
        "test"
    }

    fn can_reload(&self) -> bool {
        !self.0.no_reload.load(Ordering::SeqCst)
    }

    fn load(&self, request: &LoadRequest<'_>) -> Result<Box<dyn LoadedBundle>, LoaderError> {
        let name = &request.manifest.name;
        let history = !self.0.no_history.load(Ordering::SeqCst);
        if history {
            self.0.loaded.lock().unwrap().push(name.clone());
        }
        let start = self.0.starts.lock().unwrap().get(name).cloned();
        if let Some(start) = start {
            return start(request);
        }
        for provided in &request.manifest.provides {
            let code = register(request.host, &provided.contract, interface(&provided.contract, provided.version));
            if code != 0 {
                return Err(failed(request, code));
            }
        }
        Ok(if history { self.running(name) } else { OnDrop::boxed(|| {}) })
    }
}

struct Running {
    name: String,
    dropped: Arc<Mutex<Vec<String>>>,
}

impl LoadedBundle for Running {}

impl Drop for Running {
    fn drop(&mut self) {
        self.dropped.lock().unwrap().push(self.name.clone());
    }
}

/// Something to be dropped with a bundle.
pub(crate) struct OnDrop(pub Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl OnDrop {
    pub(crate) fn boxed(run: impl FnOnce() + Send + 'static) -> Box<dyn LoadedBundle> {
        Box::new(Self(Mutex::new(Some(Box::new(run)))))
    }
}

impl LoadedBundle for OnDrop {}

impl Drop for OnDrop {
    fn drop(&mut self) {
        if let Some(run) = self.0.get_mut().unwrap().take() {
            run();
        }
    }
}

/// Returns the number that its argument is plus one.
pub(crate) unsafe extern "C" fn add_one(
    _: *mut c_void,
    args: *const c_void,
    out: *mut c_void,
    _: *mut CallArena,
) -> u32 {
    unsafe { out.cast::<u32>().write(args.cast::<u32>().read() + 1) };
    0
}

/// Returns a text in the arena.
pub(crate) unsafe extern "C" fn greet(
    _: *mut c_void,
    _: *const c_void,
    out: *mut c_void,
    arena: *mut CallArena,
) -> u32 {
    unsafe {
        let text = (*arena).copy_str("good day, whoever you are");
        out.cast::<StringView>().write(text);
    }
    0
}

/// Fails, and says why.
pub(crate) unsafe extern "C" fn fail(_: *mut c_void, _: *const c_void, _: *mut c_void, arena: *mut CallArena) -> u32 {
    unsafe { (*arena).message = (*arena).copy_str("there is no tea") };
    300
}

/// Gives back what it is called on.
pub(crate) unsafe extern "C" fn itself(
    this: *mut c_void,
    _: *const c_void,
    out: *mut c_void,
    _: *mut CallArena,
) -> u32 {
    unsafe { out.cast::<*mut c_void>().write(this) };
    0
}

pub(crate) static FUNCTIONS: [Function; 4] = [add_one, greet, fail, itself];

/// An interface of a contract with the functions above.
pub(crate) fn interface(contract: &str, version: Version) -> ContractInterface {
    ContractInterface {
        contract_id: guest_contract_id(contract, version.major),
        version,
        dispatch: DispatchKind::Native as u32,
        function_count: 4,
        flags: 0,
        reserved: 0,
        functions: FUNCTIONS.as_ptr(),
        call: None,
        context: ptr::null_mut(),
        create: None,
        destroy: None,
    }
}

/// Counts of an interface's instances.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) created: AtomicUsize,
    pub(crate) destroyed: AtomicUsize,
}

impl Counts {
    pub(crate) fn leaked() -> &'static Self {
        // Kept, so that Miri does not take it for a leak.
        static ALL: Mutex<Vec<&'static Counts>> = Mutex::new(Vec::new());
        let counts: &'static Self = Box::leak(Box::default());
        ALL.lock().unwrap().push(counts);
        counts
    }

    pub(crate) fn get(&self) -> (usize, usize) {
        (self.created.load(Ordering::SeqCst), self.destroyed.load(Ordering::SeqCst))
    }
}

/// The same with instances that are counted. An instance is its number.
pub(crate) fn counted(contract: &str, version: Version, counts: &'static Counts) -> ContractInterface {
    unsafe extern "C" fn create(
        context: *mut c_void,
        _: *const HostApi,
        _: *mut CallArena,
        out: *mut *mut c_void,
    ) -> u32 {
        let counts = unsafe { &*context.cast_const().cast::<Counts>() };
        let number = counts.created.fetch_add(1, Ordering::SeqCst) + 1;
        unsafe { out.write(ptr::without_provenance_mut(number)) };
        0
    }
    unsafe extern "C" fn destroy(context: *mut c_void, _: *mut c_void) {
        let counts = unsafe { &*context.cast_const().cast::<Counts>() };
        counts.destroyed.fetch_add(1, Ordering::SeqCst);
    }
    ContractInterface {
        context: ptr::from_ref(counts).cast_mut().cast(),
        create: Some(create),
        destroy: Some(destroy),
        ..interface(contract, version)
    }
}

/// Registers a contract through a table.
pub(crate) fn register(host: *const HostApi, contract: &str, interface: ContractInterface) -> u32 {
    let descriptor = PluginDescriptor {
        name: StringView::new("plugin"),
        contract_name: StringView::new(contract),
        version: Version::new(1, 0, 0),
    };
    unsafe { ((*host).register_guest_contract)(host, &raw const descriptor, &raw const interface) }
}

/// Finds a contract through a table.
pub(crate) fn find(
    host: *const HostApi,
    contract_id: u64,
    min_version: u32,
) -> Result<GuestContractHandle, AbiErrorCode> {
    let mut handle = GuestContractHandle::default();
    match unsafe { ((*host).find_guest_contract)(host, contract_id, min_version, &raw mut handle) } {
        0 => Ok(handle),
        code => Err(AbiErrorCode::from_u32(code).unwrap()),
    }
}

/// Takes the last error through a table.
pub(crate) fn last_error(host: *const HostApi) -> String {
    let mut text = vec![0; unsafe { ((*host).get_error_len)(host) }];
    let mut written = 0;
    let code = unsafe { ((*host).get_last_error)(host, text.as_mut_ptr(), text.len(), &raw mut written) };
    assert_eq!((code, written), (0, text.len()));
    String::from_utf8(text).unwrap()
}

/// A log that is kept.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<(LogLevel, String, String)>>>);

impl Log {
    pub(crate) fn closure(&self) -> impl Fn(LogLevel, &str, &str) + Send + Sync + 'static {
        let log = self.clone();
        move |level, scope, message| log.0.lock().unwrap().push((level, scope.to_owned(), message.to_owned()))
    }

    pub(crate) fn lines(&self) -> Vec<(LogLevel, String, String)> {
        self.0.lock().unwrap().clone()
    }

    /// The messages of a level.
    pub(crate) fn of(&self, level: LogLevel) -> Vec<String> {
        self.lines().into_iter().filter(|line| line.0 == level).map(|line| line.2).collect()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().clear();
    }
}
