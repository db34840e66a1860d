//! The protocol itself: host functions of the program's own, and the two ways in which it is run.
use rusticated::abi::{self, Overlapped};
use rusticated::rt;

crate::behaviours![
    a_host_function_of_the_programs_own_ends_at_once_or_later,
    the_backend_is_named,
    ten_thousand_tasks_take_turns,
];

#[link(wasm_import_module = "testing")]
unsafe extern "C" {
    fn double(value: i64, overlapped: *const Overlapped) -> i64;
}

async fn a_host_function_of_the_programs_own_ends_at_once_or_later() {
    for value in [1, 100, 101, 1000] {
        // SAFETY: the Overlapped stays until the end is told; nothing else is lent.
        let (outcome, text) = abi::call("lent", |_, overlapped| unsafe { double(value, overlapped) }).await;
        assert_eq!((outcome, text), (value * 2, "lent"));
    }
    // Dropped while the host works on it: its end is told to nobody.
    // SAFETY: as above.
    let dropped = abi::call(vec![0u8; 1000], |_, overlapped| unsafe { double(1, overlapped) });
    rt::select(rt::yield_now(), dropped).await;
}

async fn the_backend_is_named() {
    assert_eq!(rt::backend_name(), "host functions");
}

async fn ten_thousand_tasks_take_turns() {
    let tasks: Vec<_> = (0..10_000u64)
        .map(|nth| {
            rt::spawn(async move {
                rt::yield_now().await;
                nth
            })
        })
        .collect();
    let mut sum = 0;
    for task in tasks {
        sum += task.await.unwrap();
    }
    assert_eq!(sum, 49_995_000);
}
