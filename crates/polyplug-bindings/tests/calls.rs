//! Callers and providers in one program, over a table of functions that stands for a runtime: what they allocate, and what
//! they do when contracts come and go.

// The table is called from C, and calls back.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::c_void;
use std::ops::Deref;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};

use polyplug_bindings::abi::types::{StringView, Version};
use polyplug_bindings::abi::{
    AbiErrorCode, BundleDependency, BundleDescriptor, CallArena, ContractInterface, Function, GuestContractHandle,
    GuestInstance, HostApi, HostContractHandle, InstanceHandle, LoaderInterface, PluginDescriptor,
};
use polyplug_bindings::{CallError, Decode, Encode, GuestCaller, Host, Plugin, argument, guest_interface, serve};

thread_local! {
    static ALLOCATIONS: Cell<u32> = const { Cell::new(0) };
}

/// Counts what this thread allocates.
struct Counting;

// SAFETY: the system's allocator does all of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(start, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The provider: its functions are `length(text) -> u64` and `repeat(text, times) -> text`.
struct Text;

impl Plugin for Text {
    fn new(_: Host<'static>) -> Result<Self, CallError> {
        Ok(Self)
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
struct RepeatArguments {
    text: StringView,
    times: u32,
}

unsafe extern "C" fn length(
    instance: *mut c_void,
    args: *const c_void,
    out: *mut c_void,
    arena: *mut CallArena,
) -> u32 {
    let body = |_: &Text, text: StringView| {
        // SAFETY: the caller's promise.
        let text: &str = unsafe { argument("text", text) }?;
        Ok(text.len() as u64)
    };
    // SAFETY: the caller's promise.
    unsafe { serve(instance, args, out, arena, body) }
}

unsafe extern "C" fn repeat(
    instance: *mut c_void,
    args: *const c_void,
    out: *mut c_void,
    arena: *mut CallArena,
) -> u32 {
    let body = |_: &Text, args: RepeatArguments| {
        // SAFETY: the caller's promise.
        let text: &str = unsafe { argument("text", args.text) }?;
        assert!(args.times < 1_000_000, "too often");
        if args.times == 0 { Err(CallError::new(0, "not at all")) } else { Ok(text.repeat(args.times as usize)) }
    };
    // SAFETY: the caller's promise.
    unsafe { serve(instance, args, out, arena, body) }
}

/// What stands for a runtime: one contract, which may be there once or anew, and counts its instances.
struct Runtime {
    table: HostApi,
    interfaces: [ContractInterface; 2],
    /// Which of them serves; none from 2 on.
    current: AtomicU32,
    revision: AtomicU64,
    found: AtomicU32,
    instances: AtomicU32,
    /// A caller that is called while the next instance is made.
    meanwhile: AtomicPtr<GuestCaller<'static>>,
}

/// A runtime for one test. No box, which would be its only pointer: its table has another.
struct Owned(*mut Runtime);

impl Deref for Owned {
    type Target = Runtime;
    fn deref(&self) -> &Runtime {
        // SAFETY: there until this is dropped; nobody writes to it but to its atomics.
        unsafe { &*self.0 }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: from a box, in `start`, and dropped once.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

impl Runtime {
    fn start() -> Owned {
        const FUNCTIONS: &[Function] = &[length, repeat];
        let interface = guest_interface::<Text>("test.Text", Version::new(1, 0, 0), false, FUNCTIONS);
        let runtime = Box::into_raw(Box::new(Self {
            table: table(),
            interfaces: [interface; 2],
            current: AtomicU32::new(0),
            revision: AtomicU64::new(1),
            found: AtomicU32::new(0),
            instances: AtomicU32::new(0),
            meanwhile: AtomicPtr::default(),
        }));
        // SAFETY: nobody else has it yet.
        unsafe { (*runtime).table.runtime = runtime.cast() };
        Owned(runtime)
    }

    fn host(&self) -> Host<'_> {
        // SAFETY: it keeps to what a runtime does, as far as callers ask for it.
        unsafe { Host::from_raw(&raw const self.table) }.unwrap()
    }

    fn change(&self, current: u32) {
        self.current.store(current, Ordering::Relaxed);
        self.revision.fetch_add(1, Ordering::Release);
    }

    fn open(&self) -> Result<GuestCaller<'_>, CallError> {
        GuestCaller::open(self.host(), self.interfaces[0].contract_id, 0x0001_0000)
    }
}

fn of<'a>(this: *const HostApi) -> &'a Runtime {
    // SAFETY: tables of these tests only.
    unsafe { &*(*this).runtime.cast::<Runtime>() }
}

unsafe extern "C" fn find(this: *const HostApi, _: u64, _: u32, out: *mut GuestContractHandle) -> u32 {
    let runtime = of(this);
    runtime.found.fetch_add(1, Ordering::Relaxed);
    if runtime.current.load(Ordering::Relaxed) > 1 {
        return AbiErrorCode::NotFound.as_u32();
    }
    // SAFETY: the caller's room.
    unsafe { out.write(GuestContractHandle { index: 0, generation: 1 }) };
    0
}

unsafe extern "C" fn resolve(this: *const HostApi, _: GuestContractHandle, out: *mut *const ContractInterface) -> u32 {
    let runtime = of(this);
    let current = runtime.current.load(Ordering::Relaxed) as usize;
    // SAFETY: the caller's room.
    unsafe { out.write(&raw const runtime.interfaces[current]) };
    0
}

unsafe extern "C" fn create(this: *const HostApi, _: GuestContractHandle, out: *mut GuestInstance) -> u32 {
    let runtime = of(this);
    runtime.instances.fetch_add(1, Ordering::Relaxed);
    // SAFETY: a caller of the test that set it, on this thread.
    if let Some(caller) = unsafe { runtime.meanwhile.swap(std::ptr::null_mut(), Ordering::Relaxed).as_ref() } {
        assert_eq!(call_length(caller, "inner"), Ok(5));
    }
    let interface = &raw const runtime.interfaces[runtime.current.load(Ordering::Relaxed) as usize];
    let instance = Box::into_raw(Box::new(Text)).cast();
    // SAFETY: the caller's room.
    unsafe { out.write(GuestInstance { handle: InstanceHandle::default(), interface, instance }) };
    0
}

unsafe extern "C" fn destroy(this: *const HostApi, instance: *const GuestInstance) -> u32 {
    of(this).instances.fetch_sub(1, Ordering::Relaxed);
    // SAFETY: from `create`.
    unsafe { polyplug_bindings::destroy::<Text>(std::ptr::null_mut(), (*instance).instance) };
    0
}

unsafe extern "C" fn revision(this: *const HostApi) -> *const u64 {
    of(this).revision.as_ptr()
}

unsafe extern "C" fn no_error(_: *const HostApi) -> usize {
    0
}

unsafe extern "C" fn no_words(_: *const HostApi, _: *mut u8, _: usize, written: *mut usize) -> u32 {
    // SAFETY: the caller's room.
    unsafe { written.write(0) };
    0
}

/// Functions that nobody asks for here.
mod never {
    use super::*;

    macro_rules! never {
        ($($name:ident($($ty:ty),*) -> $result:ty;)*) => {$(
            pub(super) unsafe extern "C" fn $name(_: *const HostApi, $(_: $ty),*) -> $result {
                unreachable!(stringify!($name))
            }
        )*};
    }
    never! {
        register(*const PluginDescriptor, *const ContractInterface) -> u32;
        alloc(usize, usize) -> *mut u8;
        free(*mut u8, usize, usize) -> u32;
        find_all(u64, u32, *mut GuestContractHandle, usize, *mut usize) -> u32;
        get_host(u64, u32, *mut HostContractHandle) -> u32;
        resolve_host(HostContractHandle, *mut *const ContractInterface) -> u32;
        bundles(*mut BundleDescriptor, usize, *mut usize) -> u32;
        dependencies(u64, *mut BundleDependency, usize, *mut usize) -> u32;
        load(StringView, *mut u64) -> u32;
        reload(u64) -> u32;
        provide(StringView, *const ContractInterface) -> u32;
        loader(*const LoaderInterface) -> u32;
        unload(u64, u32) -> u32;
        log(u32, StringView, StringView) -> u32;
    }
}

fn table() -> HostApi {
    HostApi {
        runtime: std::ptr::null_mut(),
        register_guest_contract: never::register,
        alloc: never::alloc,
        free: never::free,
        find_guest_contract: find,
        find_all_guest_contracts: never::find_all,
        resolve_guest_contract: resolve,
        get_host_contract: never::get_host,
        resolve_host_contract_interface: never::resolve_host,
        list_bundles: never::bundles,
        get_dependencies: never::dependencies,
        load_bundle: never::load,
        reload_bundle: never::reload,
        register_host_contract: never::provide,
        register_loader: never::loader,
        get_last_error: no_words,
        get_error_len: no_error,
        unload_bundle: never::unload,
        log: never::log,
        create_guest_instance: create,
        destroy_guest_instance: destroy,
        revision_counter: revision,
        reserved: std::ptr::null(),
    }
}

fn call_length(caller: &GuestCaller<'_>, text: &str) -> Result<u64, CallError> {
    // SAFETY: the arguments and the result of function 0.
    unsafe { caller.call(0, |arena| text.encode(arena)) }
}

fn call_repeat(caller: &GuestCaller<'_>, text: &str, times: u32) -> Result<String, CallError> {
    // SAFETY: the arguments and the result of function 1.
    unsafe { caller.call(1, |arena| Ok(RepeatArguments { text: text.encode(arena)?, times })) }
}

#[test]
fn ten_thousand_calls_allocate_nothing() {
    let runtime = Runtime::start();
    let caller = runtime.open().unwrap();
    let before = ALLOCATIONS.get();
    for _ in 0..10_000 {
        assert_eq!(call_length(&caller, "twelve bytes").unwrap(), 12);
    }
    assert_eq!(ALLOCATIONS.get(), before);
    assert_eq!(runtime.found.load(Ordering::Relaxed), 1, "it was looked up once");
}

#[test]
fn results_of_any_size_arrive_whole() {
    let runtime = Runtime::start();
    let caller = runtime.open().unwrap();
    for times in [1, 51, 52, 500, 999_999] {
        assert_eq!(call_repeat(&caller, "0123456789", times).unwrap(), "0123456789".repeat(times as usize));
    }
}

#[test]
fn panics_and_errors_arrive_as_codes_with_words() {
    let runtime = Runtime::start();
    let caller = runtime.open().unwrap();
    let error = call_repeat(&caller, "x", 2_000_000).unwrap_err();
    assert_eq!((error.abi_code(), error.message()), (Some(AbiErrorCode::Panicked), "too often"));
    // A code of 0 would be success.
    let error = call_repeat(&caller, "x", 0).unwrap_err();
    assert_eq!((error.abi_code(), error.message()), (Some(AbiErrorCode::Failed), "not at all"));
    // SAFETY: nothing is called, since there is no such function.
    let error = unsafe { caller.call::<(), ()>(2, |_| Ok(())) }.unwrap_err();
    assert_eq!(error.abi_code(), Some(AbiErrorCode::FunctionNotAvailable));
}

#[test]
fn a_caller_has_one_instance_whatever_comes_and_goes() {
    let runtime = Runtime::start();
    let instances = || runtime.instances.load(Ordering::Relaxed);
    let caller = runtime.open().unwrap();
    assert_eq!(instances(), 1);
    runtime.change(0);
    call_length(&caller, "").unwrap();
    assert_eq!((instances(), runtime.found.load(Ordering::Relaxed)), (1, 2), "the same provider");
    runtime.change(1);
    call_length(&caller, "").unwrap();
    assert_eq!(instances(), 1, "another");
    runtime.change(2);
    assert_eq!(call_length(&caller, "").unwrap_err().abi_code(), Some(AbiErrorCode::NotFound));
    assert_eq!(instances(), 0, "none");
    assert_eq!(call_length(&caller, "").unwrap_err().abi_code(), Some(AbiErrorCode::NotFound));
    runtime.change(0);
    call_length(&caller, "").unwrap();
    assert_eq!(instances(), 1, "and one again");
    drop(caller);
    assert_eq!(instances(), 0);
}

#[test]
fn a_call_while_its_instance_was_made_kept_another_one_for_good() {
    let runtime = Runtime::start();
    let instances = || runtime.instances.load(Ordering::Relaxed);
    let caller = runtime.open().unwrap();
    runtime.change(1);
    runtime.meanwhile.store((&raw const caller).cast_mut().cast(), Ordering::Relaxed);
    assert_eq!(call_length(&caller, "outer!"), Ok(6));
    assert!(runtime.meanwhile.load(Ordering::Relaxed).is_null(), "it was called");
    assert_eq!(instances(), 1);
    drop(caller);
    assert_eq!(instances(), 0);
}

#[test]
fn a_call_inside_a_call_keeps_the_instance() {
    let runtime = Runtime::start();
    let caller = runtime.open().unwrap();
    // While its arguments are made a call is under way already, so what happens then could be the callee's doing.
    // SAFETY: the arguments and the result of function 0.
    let inner: Result<u64, CallError> = unsafe {
        caller.call(0, |arena| {
            runtime.change(2);
            assert_eq!(call_length(&caller, "abc"), Ok(3));
            "outer".encode(arena)
        })
    };
    assert_eq!(inner, Ok(5));
    assert_eq!(call_length(&caller, "").unwrap_err().abi_code(), Some(AbiErrorCode::NotFound));
}

#[test]
fn values_that_are_none_are_told() {
    let code = |error: CallError| error.abi_code().unwrap();
    // SAFETY: nothing is pointed at, or what is there is readable.
    unsafe {
        assert_eq!(code(bool::decode(2).unwrap_err()), AbiErrorCode::InvalidArgument);
        let bad = StringView { ptr: [0xff].as_ptr(), len: 1 };
        assert_eq!(code(<&str>::decode(bad).unwrap_err()), AbiErrorCode::InvalidUtf8);
        let null = StringView { ptr: std::ptr::null(), len: 1 };
        assert_eq!(code(String::decode(null).unwrap_err()), AbiErrorCode::InvalidPointer);
        assert_eq!(<&str>::decode(StringView::EMPTY), Ok(""));
        let error = argument::<bool>("flag", 7).unwrap_err();
        assert_eq!(error.message(), "`flag`: 7 is neither 0 (false) nor 1 (true)");
        // Without an arena there is no place for words.
        let mut text = Text;
        let instance = (&raw mut text).cast();
        let none = std::ptr::null_mut();
        assert_eq!(
            length(instance, (&raw const bad).cast(), none, std::ptr::null_mut()),
            AbiErrorCode::InvalidPointer.as_u32()
        );
        let mut arena = CallArena::NONE;
        assert_eq!(length(instance, std::ptr::null(), none, &raw mut arena), AbiErrorCode::InvalidPointer.as_u32());
        let mut number = 0_u64;
        let code = length(instance, (&raw const bad).cast(), (&raw mut number).cast(), &raw mut arena);
        assert_eq!(code, AbiErrorCode::InvalidUtf8.as_u32());
        assert_eq!(arena.message.as_str(), "there is no room in the arena for the message");
    }
}
