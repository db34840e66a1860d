//! Bundles that are not what they should be: each ends with a code, the words for it as the last error and in the log,
//! nothing left behind, and a runtime that goes on.

use std::ptr;
use std::sync::{Arc, Mutex};

use polyplug::Runtime;
use polyplug_abi::identity::{bundle_id, guest_contract_id};
use polyplug_abi::types::{LogLevel, StringView, Version};
use polyplug_abi::{AbiErrorCode, ContractInterface, HostApi, PluginDescriptor, SINGLETON};

use crate::support::*;

const V1: Version = Version::new(1, 0, 0);

/// Loads a bundle that is wrong in some way, and one that is good after it.
struct Fault {
    bundles: Bundles,
    loader: TestLoader,
    log: Log,
    runtime: Arc<Runtime>,
}

impl Fault {
    fn new() -> Self {
        let (bundles, loader, log) = (Bundles::new(), TestLoader::default(), Log::default());
        let builder = Runtime::builder().loader(loader.clone()).logger(log.closure());
        Self { bundles, loader, log, runtime: builder.build().unwrap() }
    }

    /// A bundle `faulty` that promises `t.Thing@1` and does this when it starts.
    fn with_init(init: impl Fn(*const HostApi) -> u32 + Send + Sync + 'static) -> Self {
        let fault = Self::new();
        fault.bundles.add("faulty", &provides(&["t.Thing@1"]));
        fault.loader.on_init("faulty", init);
        fault
    }

    /// Loads it through the host's table.
    fn load(&self, name: &str) -> u32 {
        let host = self.runtime.host_api();
        let path = self.bundles.path().join(name);
        let path = StringView::new(path.to_str().unwrap());
        unsafe { ((*host).load_bundle)(host, path, ptr::null_mut()) }
    }

    /// Loads `faulty` and holds everything against what is promised of faults.
    #[track_caller]
    fn ends_with(&self, code: u32, words: &str) {
        let revision = self.runtime.revision();
        self.log.clear();
        assert_eq!(self.load("faulty"), code, "{}", last_error(self.runtime.host_api()));
        let message = last_error(self.runtime.host_api());
        assert!(message.contains(words), "{message}");
        assert!(self.log.of(LogLevel::Error).contains(&message), "{:?}", self.log.lines());
        // Nothing is left.
        assert_eq!(self.runtime.revision(), revision);
        assert!(self.runtime.bundles().iter().all(|bundle| bundle.name != "faulty"));
        assert!(self.runtime.find("t.Thing", V1).is_err());
        let loads = self.loader.loaded().len();
        assert!(self.loader.dropped().len() <= loads);
        // The runtime goes on, and a good bundle may have the name and the contract.
        self.loader.on_init("faulty", |host| register(host, "t.Thing", interface("t.Thing", V1)));
        self.bundles.add("faulty", &provides(&["t.Thing@1"]));
        assert_eq!(self.load("faulty"), 0, "{}", last_error(self.runtime.host_api()));
        assert!(self.runtime.create(self.runtime.find("t.Thing", V1).unwrap()).is_ok());
        self.runtime.unload_bundle(bundle_id("faulty"), false).unwrap();
    }
}

/// What `ends_with` gets of an ABI code.
fn code(code: AbiErrorCode) -> u32 {
    code.as_u32()
}

#[test]
fn a_manifest_that_is_missing() {
    let fault = Fault::new();
    std::fs::create_dir(fault.bundles.path().join("faulty")).unwrap();
    fault.ends_with(code(AbiErrorCode::InvalidManifest), "manifest.toml is missing");
}

#[test]
fn a_manifest_that_is_broken() {
    let fault = Fault::new();
    std::fs::write(fault.bundles.add("faulty", "").join("manifest.toml"), "name = ").unwrap();
    fault.ends_with(code(AbiErrorCode::InvalidManifest), "manifest.toml:1:");
}

#[test]
fn a_manifest_of_a_wrong_id() {
    let fault = Fault::new();
    let manifest = fault.bundles.add("faulty", "").join("manifest.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("id = \"0x", "id = \"0x1")).unwrap();
    fault.ends_with(code(AbiErrorCode::InvalidManifest), "id");
}

#[test]
fn a_manifest_that_names_a_missing_file() {
    let fault = Fault::new();
    std::fs::remove_file(fault.bundles.add("faulty", "").join("code")).unwrap();
    fault.ends_with(code(AbiErrorCode::InvalidManifest), "code");
}

#[test]
fn a_loader_that_nobody_registered() {
    let fault = Fault::new();
    let manifest = fault.bundles.add("faulty", "").join("manifest.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("\"test\"", "\"other\"")).unwrap();
    fault.ends_with(code(AbiErrorCode::LoaderNotFound), "`other`");
}

#[test]
fn a_plugin_that_returns_an_error_of_its_own() {
    Fault::with_init(|_| 4711).ends_with(4711, "bundle `faulty` could not be started: it says so");
}

#[test]
fn a_loader_that_panics() {
    let fault = Fault::with_init(|_| panic!("as tests do"));
    fault.ends_with(code(AbiErrorCode::Panicked), "panicked");
}

#[test]
fn a_contract_that_is_registered_twice() {
    let fault = Fault::with_init(|host| {
        assert_eq!(register(host, "t.Thing", interface("t.Thing", V1)), 0);
        register(host, "t.Thing", interface("t.Thing", V1))
    });
    fault.ends_with(code(AbiErrorCode::AlreadyRegistered), "faulty");
}

#[test]
fn a_plugin_that_goes_on_although_a_registration_was_refused() {
    let fault = Fault::with_init(|host| {
        register(host, "t.Thing", interface("t.Thing", V1));
        register(host, "t.Thing", interface("t.Thing", V1));
        0
    });
    fault.ends_with(code(AbiErrorCode::AlreadyRegistered), "was registered before, by plugin `plugin`");
    assert_eq!(fault.loader.dropped().len(), 2, "it was started, and ended again");
}

#[test]
fn a_contract_that_is_promised_and_not_registered() {
    let fault = Fault::with_init(|_| 0);
    fault.ends_with(code(AbiErrorCode::ContractMismatch), "did not register `t.Thing@1`");
}

#[test]
fn a_contract_that_is_registered_and_not_promised() {
    let fault = Fault::with_init(|host| register(host, "t.Other", interface("t.Other", V1)));
    fault.ends_with(code(AbiErrorCode::ContractMismatch), "faulty");
}

#[test]
fn too_few_functions() {
    let fault = Fault::with_init(|host| {
        register(host, "t.Thing", ContractInterface { function_count: 1, ..interface("t.Thing", V1) })
    });
    fault.bundles.add("faulty", &(provides(&["t.Thing@1"]) + "function_count = { \"t.Thing@1\" = 2 }\n"));
    fault.ends_with(code(AbiErrorCode::FunctionCountMismatch), "faulty");
}

#[test]
fn an_older_minor_than_promised() {
    let fault = Fault::with_init(|host| register(host, "t.Thing", interface("t.Thing", V1)));
    fault.bundles.add("faulty", &provides(&["t.Thing@1.2"]));
    fault.ends_with(code(AbiErrorCode::VersionMismatch), "faulty");
}

#[test]
fn interfaces_that_cannot_be() {
    let good = || interface("t.Thing", V1);
    let no_function: &'static [usize; 4] = &[0; 4];
    let cases: [(ContractInterface, AbiErrorCode, &str); 10] = [
        (ContractInterface { contract_id: 1, ..good() }, AbiErrorCode::InvalidArgument, "has the id"),
        (ContractInterface { dispatch: 2, ..good() }, AbiErrorCode::InvalidArgument, "no dispatch 2"),
        (ContractInterface { dispatch: 1, ..good() }, AbiErrorCode::InvalidPointer, "`call` is null"),
        (ContractInterface { flags: SINGLETON | 2, ..good() }, AbiErrorCode::InvalidArgument, "flags"),
        (ContractInterface { reserved: 1, ..good() }, AbiErrorCode::InvalidArgument, "reserved"),
        (ContractInterface { functions: ptr::null(), ..good() }, AbiErrorCode::InvalidPointer, "table of functions"),
        (
            ContractInterface { functions: FUNCTIONS.as_ptr().wrapping_byte_add(1), ..good() },
            AbiErrorCode::InvalidPointer,
            "unaligned",
        ),
        (
            ContractInterface { functions: no_function.as_ptr().cast(), ..good() },
            AbiErrorCode::InvalidPointer,
            "function 0 is null",
        ),
        (ContractInterface { function_count: u32::MAX, ..good() }, AbiErrorCode::InvalidArgument, "more than"),
        (ContractInterface { version: Version::new(2, 0, 0), ..good() }, AbiErrorCode::InvalidArgument, "t.Thing@2"),
    ];
    for (interface, expected, words) in cases {
        let fault = Fault::with_init(move |host| {
            assert_eq!(register(host, "t.Thing", interface), expected.as_u32());
            0
        });
        fault.ends_with(expected.as_u32(), words);
    }
}

#[test]
fn descriptors_that_cannot_be() {
    let bytes: &'static [u8] = b"\xff\xfe";
    let invalid = StringView { ptr: bytes.as_ptr(), len: 2 };
    let null = StringView { ptr: ptr::null(), len: 4 };
    let endless = StringView { ptr: bytes.as_ptr(), len: usize::MAX };
    let good = StringView::new("t.Thing");
    let cases = [
        (invalid, good, AbiErrorCode::InvalidUtf8),
        (good, invalid, AbiErrorCode::InvalidUtf8),
        (null, good, AbiErrorCode::InvalidPointer),
        (good, endless, AbiErrorCode::InvalidPointer),
        (StringView::EMPTY, good, AbiErrorCode::InvalidArgument),
        (good, StringView::EMPTY, AbiErrorCode::InvalidArgument),
    ];
    for (name, contract_name, expected) in cases {
        let fault = Fault::with_init(move |host| {
            let descriptor = PluginDescriptor { name, contract_name, version: V1 };
            let interface = interface("t.Thing", V1);
            unsafe { ((*host).register_guest_contract)(host, &raw const descriptor, &raw const interface) }
        });
        fault.ends_with(expected.as_u32(), "faulty");
    }
}

#[test]
fn calling_back_while_starting_into_what_was_not_declared() {
    let fault = Fault::with_init(|host| {
        let undeclared = find(host, guest_contract_id("t.Secret", 1), 0).unwrap_err();
        let mut handle = polyplug_abi::HostContractHandle::default();
        let id = polyplug_abi::identity::host_contract_id("host.Secret", 1);
        let code = unsafe { ((*host).get_host_contract)(host, id, 0, &raw mut handle) };
        assert_eq!(code, AbiErrorCode::UndeclaredDependency.as_u32());
        undeclared.as_u32()
    });
    fault.bundles.add("secret", &provides(&["t.Secret@1"]));
    assert_eq!(fault.load("secret"), 0);
    fault.ends_with(code(AbiErrorCode::UndeclaredDependency), "faulty");
}

#[test]
fn a_handle_that_was_handed_over_does_not_open_what_was_not_declared() {
    let fault = Fault::new();
    fault.bundles.add("secret", &provides(&["t.Secret@1"]));
    assert_eq!(fault.load("secret"), 0);
    let handle = fault.runtime.find("t.Secret", V1).unwrap();
    fault.bundles.add("faulty", &provides(&["t.Thing@1"]));
    fault.loader.on_init("faulty", move |host| {
        let (mut interface, mut instance) = (ptr::null(), unsafe { std::mem::zeroed() });
        let resolved = unsafe { ((*host).resolve_guest_contract)(host, handle, &raw mut interface) };
        let created = unsafe { ((*host).create_guest_instance)(host, handle, &raw mut instance) };
        assert_eq!(resolved, created);
        created
    });
    fault.ends_with(code(AbiErrorCode::UndeclaredDependency), "faulty");
}

#[test]
fn loading_reloading_and_unloading_while_starting() {
    let fault = Fault::with_init(|host| {
        let reloaded = unsafe { ((*host).reload_bundle)(host, bundle_id("faulty")) };
        let unloaded = unsafe { ((*host).unload_bundle)(host, bundle_id("faulty"), 1) };
        let loaded = unsafe { ((*host).load_bundle)(host, StringView::new("/"), ptr::null_mut()) };
        assert_eq!([reloaded, unloaded, loaded], [AbiErrorCode::Reentrant.as_u32(); 3]);
        loaded
    });
    fault.ends_with(code(AbiErrorCode::Reentrant), "faulty");
}

#[test]
fn registering_what_is_the_hosts() {
    let fault = Fault::with_init(|host| {
        let host_interface = interface("host.Thing", V1);
        let name = StringView::new("host.Thing");
        let contract = unsafe { ((*host).register_host_contract)(host, name, &raw const host_interface) };
        let loader = unsafe { ((*host).register_loader)(host, ptr::null()) };
        assert_eq!((contract, loader), (AbiErrorCode::Reentrant.as_u32(), AbiErrorCode::Reentrant.as_u32()));
        contract
    });
    fault.ends_with(code(AbiErrorCode::Reentrant), "faulty");
}

#[test]
fn registering_after_the_start_or_as_the_host_is_refused() {
    let fault = Fault::new();
    let table = Arc::new(Mutex::new(0));
    let kept = Arc::clone(&table);
    fault.bundles.add("late", "");
    fault.loader.on_init("late", move |host| {
        *kept.lock().unwrap() = host.expose_provenance();
        0
    });
    assert_eq!(fault.load("late"), 0);
    let late: *const HostApi = ptr::with_exposed_provenance(*table.lock().unwrap());
    for host in [late, fault.runtime.host_api()] {
        let code = register(host, "t.Thing", interface("t.Thing", V1));
        assert_eq!(code, AbiErrorCode::Reentrant.as_u32(), "{}", last_error(host));
    }
}

#[test]
fn a_second_provider_is_refused_unless_both_allow_it() {
    let fault = Fault::new();
    fault.bundles.add("first", &provides(&["t.Thing@1"]));
    fault.bundles.add("second", &(provides(&["t.Thing@1"]) + "multiple = [\"t.Thing@1\"]\n"));
    fault.bundles.add("third", &(provides(&["t.Thing@1"]) + "multiple = [\"t.Thing@1\"]\n"));
    assert_eq!(fault.load("first"), 0);
    assert_eq!(fault.load("second"), code(AbiErrorCode::DuplicateProvider));
    fault.runtime.unload_bundle(bundle_id("first"), false).unwrap();
    assert_eq!((fault.load("second"), fault.load("third")), (0, 0));
    let id = guest_contract_id("t.Thing", 1);
    let all = fault.runtime.find_all(id, 0);
    assert_eq!(all.len(), 2);
    assert_eq!(fault.runtime.find_by_id(id, 0).unwrap(), all[0], "the first that was loaded");
}

#[test]
fn a_dependency_that_names_its_bundle_gets_that_one() {
    let fault = Fault::new();
    for name in ["one", "two"] {
        fault.bundles.add(name, &(provides(&["t.Thing@1"]) + "multiple = [\"t.Thing@1\"]\n"));
        assert_eq!(fault.load(name), 0);
    }
    let found = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&found);
    fault.bundles.add("choosy", &(depends("t.Thing@1") + "bundle = \"two\"\n"));
    fault.loader.on_init("choosy", move |host| {
        *kept.lock().unwrap() = find(host, guest_contract_id("t.Thing", 1), 0).ok();
        0
    });
    assert_eq!(fault.load("choosy"), 0);
    assert_eq!(*found.lock().unwrap(), Some(fault.runtime.find_all(guest_contract_id("t.Thing", 1), 0)[1]));
}

#[test]
fn a_bundle_that_names_two_providers_of_a_contract_gets_both_and_no_third() {
    let fault = Fault::new();
    for name in ["one", "two", "three"] {
        fault.bundles.add(name, &(provides(&["t.Thing@1"]) + "multiple = [\"t.Thing@1\"]\n"));
        assert_eq!(fault.load(name), 0);
    }
    let named = |name: &str| depends("t.Thing@1") + &format!("bundle = \"{name}\"\n");
    fault.bundles.add("choosy", &(named("three") + &named("two")));
    let all = fault.runtime.find_all(guest_contract_id("t.Thing", 1), 0);
    let (first, other) = (all[0], all[1]);
    fault.loader.on_init("choosy", move |host| {
        let (mut found, mut count) = ([polyplug_abi::GuestContractHandle::default(); 3], 0);
        let id = guest_contract_id("t.Thing", 1);
        let code = unsafe { ((*host).find_all_guest_contracts)(host, id, 0, found.as_mut_ptr(), 3, &raw mut count) };
        assert_eq!((code, count), (0, 2));
        assert!(!found.contains(&first));
        assert_eq!(find(host, id, 0), Ok(other));
        let mut interface = ptr::null();
        unsafe { ((*host).resolve_guest_contract)(host, first, &raw mut interface) }
    });
    assert_eq!(fault.load("choosy"), AbiErrorCode::UndeclaredDependency.as_u32());
}

#[test]
fn what_a_failed_start_made_of_others_is_given_back() {
    let fault = Fault::new();
    let counts = Counts::leaked();
    fault.bundles.add("provider", &provides(&["t.Dependency@1"]));
    fault.loader.on_init("provider", |host| register(host, "t.Dependency", counted("t.Dependency", V1, counts)));
    assert_eq!(fault.load("provider"), 0);
    fault.bundles.add("leaky", &depends("t.Dependency@1"));
    fault.loader.on_init("leaky", |host| {
        let handle = find(host, guest_contract_id("t.Dependency", 1), 0).unwrap();
        let mut instance = unsafe { std::mem::zeroed() };
        assert_eq!(unsafe { ((*host).create_guest_instance)(host, handle, &raw mut instance) }, 0);
        300
    });
    assert_eq!(fault.load("leaky"), 300);
    assert_eq!(counts.get(), (1, 1));
    fault.runtime.unload_bundle(bundle_id("provider"), false).unwrap();
    assert_eq!(fault.loader.dropped(), ["provider"]);
}

#[test]
fn a_table_of_a_bundle_that_failed_to_start_is_stale() {
    let table = Arc::new(Mutex::new(0));
    let kept = Arc::clone(&table);
    let fault = Fault::with_init(move |host| {
        *kept.lock().unwrap() = host.expose_provenance();
        300
    });
    assert_eq!(fault.load("faulty"), 300);
    let stale: *const HostApi = ptr::with_exposed_provenance(*table.lock().unwrap());
    assert_eq!(find(stale, guest_contract_id("t.Thing", 1), 0), Err(AbiErrorCode::StaleHandle));
}
