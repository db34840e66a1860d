# The rows of rusticated and of the programs built on it; part of scripts/bench.sh, which sources this file.
# shellcheck shell=bash disable=SC2154 # measure, row, say and their variables are that file's
#
# Every rival does the same work in the same program (crates/rusticated/rivals), on one thread, in one run.

# rivals WORK [SIZE [FILE]]: the median of each runtime that has the work → medians[], in the order of runtimes[]
rivals() {
    local program=$work/rivals/release/rivals runtime commands=()
    CARGO_TARGET_DIR=$work/rivals nice cargo build --release --locked --quiet \
        --manifest-path "$root/crates/rusticated/rivals/Cargo.toml"
    for runtime in "${runtimes[@]}"; do commands+=(-n "$runtime" "$program $runtime $*"); done
    measure -N --warmup 1 --min-runs 10 "${commands[@]}"
}

# rival_rows WHAT GOAL-AGAINST FACTOR: one row for each rival; the goal holds for one of them, the others are shown
rival_rows() {
    local what=$1 against=$2 factor=$3 index
    for ((index = 1; index < ${#runtimes[@]}; index++)); do
        local goal=printed met=–
        if [[ ${runtimes[index]} == "$against" ]]; then
            goal="≤ $factor ×"
            met=$(holds "${medians[0]} <= $factor * ${medians[index]}")
        fi
        row "$what" "${runtimes[index]}" "$(number "${medians[0]}" ms)" "$(number "${medians[index]}" ms)" \
            "$(ratio "${medians[0]}" "${medians[index]}")" "$goal" "$met"
    done
}

bench_reads() {
    local file=$work/reads.bin kind how depth goal
    [[ -f $file ]] || head -c 268435456 /dev/urandom >"$file"
    local runtimes=(rusticated compio tokio-uring tokio std)
    for kind in read direct; do
        how='cached'
        [[ $kind == read ]] || how='O_DIRECT'
        for depth in 1 32; do
            goal=compio
            ((depth == 32)) || goal=none
            rivals "$kind" "$depth" "$file"
            rival_rows "random reads of 4 KiB, $how, $depth at a time" "$goal" 1
        done
    done
}

bench_echo() {
    local runtimes=(rusticated compio tokio) connections
    for connections in 1 64; do
        rivals echo "$connections"
        rival_rows "100,000 times 64 bytes there and back over TCP, $connections connections" compio 1
    done
}

bench_pipe() {
    local runtimes=(rusticated compio tokio)
    rivals pipe
    rival_rows "100,000 times one byte there and back through pipes" compio 1
}

bench_tasks() {
    local runtimes=(rusticated tokio compio)
    rivals spawn
    rival_rows "a million tasks started and joined" tokio 1
    rivals timers
    rival_rows "100,000 timers within 20 ms" tokio 1
}

bench_children() {
    local runtimes=(rusticated std tokio compio)
    rivals process
    rival_rows "1,000 times \`true\`, one after the other" std 1.1
}

# last-byte as it is released, built on rusticated.
own_last_byte() {
    local folder
    folder=$(own_workspace)
    "$tool" -C "$folder" build -q -p last-byte --target x86_64-rusticated-linux
}

# A program that waits for a line for ten seconds: its threads, how often it ran meanwhile, its memory.
bench_idle() {
    local program pid before after threads memory
    program=$(own_last_byte)
    rm -f "$work/idle"
    mkfifo "$work/idle"
    "$program" <>"$work/idle" >/dev/null &
    pid=$!
    sleep 1
    before=$(switches "$pid")
    sleep 10
    after=$(switches "$pid")
    threads=$(awk '/^Threads:/ { print $2 }' "/proc/$pid/status")
    memory=$(awk '/^VmRSS:/ { print $2 }' "/proc/$pid/status")
    kill "$pid"
    wait "$pid" || true
    row "10 s of waiting for a line" "–" "$threads thread, $((after - before)) wake-ups, $memory KiB" "–" "–" \
        "1 thread, no wake-up, ≤ 1024 KiB" "$(holds "$threads == 1 && $after == $before && $memory <= 1024")"
}

switches() { awk '/ctxt_switches:/ { sum += $2 } END { print sum }' "/proc/$1/status"; }

# Bytes of the demo, stripped, and of the same with the ordinary std and with tokio, made as small as it is.
bench_demo() {
    local ours theirs=$work/last-byte-std tokio=$work/rivals/small/last_byte_tokio size
    ours=$(stat -c %s "$(own_last_byte)")
    rustc --edition 2024 -C opt-level=z -C lto=fat -C codegen-units=1 -C panic=abort -C strip=symbols \
        -o "$theirs" crates/last-byte/src/main.rs
    CARGO_TARGET_DIR=$work/rivals nice cargo build --profile small --locked --quiet \
        --manifest-path crates/rusticated/rivals/Cargo.toml --bin last_byte_tokio
    for size in "std:$theirs" "tokio:$tokio"; do
        row "\`last-byte\`, stripped" "the same with ${size%%:*}" "$((ours / 1024)) KiB" \
            "$(($(stat -c %s "${size#*:}") / 1024)) KiB" "$(ratio "$ours" "$(stat -c %s "${size#*:}")")" \
            "≤ 48 KiB" "$(holds "$ours <= 48 * 1024")"
    done
}
