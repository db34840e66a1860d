//! The rust-bun program: start the library, and end as it says.

use std::process;

use core_runtime::exit::Ending;
use core_runtime::memory::GlobalAllocator;
use core_runtime::providers::Providers;
use core_runtime::{signals, startup};
use rust_bun::bundles::Bundles;
use rust_bun::engine::EngineBundle;

#[global_allocator]
static GLOBAL: GlobalAllocator = GlobalAllocator;

fn main() {
    let mut providers = Providers::none();
    providers.register(Box::new(Bundles));
    providers.register(Box::new(EngineBundle));
    match startup::main(build_info::build_info!(), providers) {
        Ending::Code(code) => process::exit(code),
        Ending::Signal(signal) => signals::end_by(signal),
    }
}
