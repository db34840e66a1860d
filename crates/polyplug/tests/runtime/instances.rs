//! Instances: made, called, given back, counted.

use std::ffi::c_void;
use std::ptr;

use polyplug::{Arena, Runtime};
use polyplug_abi::types::{StringView, Version};

use crate::support::*;

#[test]
fn a_contract_is_found_and_called_and_its_results_lie_in_the_arena() {
    let bundles = Bundles::new();
    bundles.add("greeter", &provides(&["text.Greeter@1.3"]));
    let runtime = Runtime::builder().plugin_dir(bundles.path()).loader(TestLoader::default()).build().unwrap();

    let handle = runtime.find("text.Greeter", Version::new(1, 2, 0)).unwrap();
    let guest = runtime.create(handle).unwrap();
    let mut arena = Arena::new();
    let (argument, mut sum) = (41_u32, 0_u32);
    let argument = ptr::from_ref(&argument).cast::<c_void>();
    unsafe { guest.call(0, argument, (&raw mut sum).cast(), &mut arena) }.unwrap();
    assert_eq!(sum, 42);

    let mut text = StringView::EMPTY;
    unsafe { guest.call(1, ptr::null(), (&raw mut text).cast(), &mut arena) }.unwrap();
    assert_eq!(unsafe { text.as_str() }, "good day, whoever you are");

    let failure = unsafe { guest.call(2, ptr::null(), ptr::null_mut(), &mut arena) }.unwrap_err();
    assert_eq!((failure.code, failure.message.as_str()), (300, "there is no tea"));
    let failure = unsafe { guest.call(4, ptr::null(), ptr::null_mut(), &mut arena) }.unwrap_err();
    assert_eq!(failure.message, "the contract has no function 4; there are 4, counted from 0");
}
