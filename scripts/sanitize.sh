#!/usr/bin/env bash
# The proofs that take long or need Rust's nightly with miri (rustup toolchain install nightly --component miri): of
# rusticated, the runtime under Miri, all tests under AddressSanitizer, ten minutes of stress, on io_uring and on epoll; of
# polyplug, every order of threads under loom, its runtime under Miri, and a thousand reloads.
#
#   scripts/sanitize.sh [SECONDS of stress, 600 if not given]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-600}
target=$(rustc -vV | sed -n 's/^host: //p')
target_dir=${CARGO_TARGET_DIR:-target}

section() { printf '\n==> %s\n' "$*"; }

# The played kernel needs nothing of the system; proptest reads its file of failures.
for model in "" -Zmiri-tree-borrows; do
    section "Miri $model"
    MIRIFLAGS="-Zmiri-disable-isolation $model" PROPTEST_CASES=8 cargo +nightly miri test -p rusticated --test runtime
done

# The workers' threads have no memory of their own, so that no false stacks can lie there. The test of an open that
# waits for ever leaves its memory behind on epoll, as it says: leaks are what the stress test counts.
for backend in io_uring epoll; do
    section "AddressSanitizer on $backend"
    RUSTICATED_BACKEND=$backend ASAN_OPTIONS=detect_stack_use_after_return=0:detect_leaks=0 \
        RUSTFLAGS=-Zsanitizer=address cargo +nightly test -p rusticated --lib --test cancelling --test files \
        --test folders --test network --test processes --test runtime --test stress --test tasks \
        --target "$target" --target-dir "$target_dir/sanitize"
done

for backend in io_uring epoll; do
    section "Stress on $backend for $seconds seconds"
    RUSTICATED_BACKEND=$backend STRESS_SECONDS=$seconds cargo test -p rusticated --test stress
done

section "polyplug under loom"
RUSTFLAGS="--cfg loom" cargo test --release --target-dir "$target_dir/loom" -p polyplug --test loom

# Without the graphs of fifty bundles, and without what Miri takes minutes for.
for model in "" -Zmiri-tree-borrows; do
    section "polyplug under Miri $model"
    MIRIFLAGS="-Zmiri-disable-isolation $model" cargo +nightly miri test -p polyplug --lib -- arena runtime
    MIRIFLAGS="-Zmiri-disable-isolation $model" cargo +nightly miri test -p polyplug --test runtime -- \
        builder:: memory instances host_contracts foreign_loader lifecycle teardown threads arguments loading
done

section "polyplug-script under Miri"
MIRIFLAGS=-Zmiri-disable-isolation PROPTEST_CASES=8 cargo +nightly miri test -p polyplug-script --lib -- lock marshal

section "polyplug: a thousand reloads, ten thousand loads and unloads"
cargo test --release -p polyplug --test soak -- --ignored
cargo test --release -p polyplug-js --test soak -- --ignored
