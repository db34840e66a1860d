# The rows of polyplug; part of scripts/bench.sh, which sources this file.
# shellcheck shell=bash disable=SC2154 # measure, row, say and their variables are that file's
#
# Every rival does the same work in the same program (crates/polyplug/rivals), in one run; whole processes, with so many
# repetitions that their start does not matter.

# The programs and the bundles of these rows → polyplug[]: the program in Rust, the one in C, the folder with the adder,
# the folders with chains of 500 and 1,000 bundles.
polyplug_programs() {
    local rivals=$root/crates/polyplug/rivals folder=$work/polyplug include=$root/crates/polyplug-abi/include count
    mkdir -p "$folder"
    CARGO_TARGET_DIR=$folder/target nice cargo build --release --locked --quiet --manifest-path "$rivals/Cargo.toml"
    CARGO_TARGET_DIR=$target nice cargo build --release --locked --quiet -p polyplug-c
    polyplug=("$folder/target/release/polyplug-rivals" "$folder/host" "$folder/adder" "$folder/500" "$folder/1000")
    "${polyplug[0]}" prepare adder 1 "$folder/adder" >/dev/null
    for count in 500 1000; do
        [[ -d $folder/$count ]] || "${polyplug[0]}" prepare chain "$count" "$folder/$count" >/dev/null
    done
    cc -std=c99 -O2 -shared -fPIC -fvisibility=hidden -I "$include" -o "$folder/adder/adder/libadder.so" "$rivals/plugin.c"
    cc -std=gnu99 -O2 -I "$include" -I "$root/crates/polyplug-c/include" -o "$folder/host" "$rivals/host.c" \
        "$target/release/libpolyplug_c.a" -lm -ldl -lpthread
}

nanoseconds() { awk -v seconds="$1" -v count="$2" 'BEGIN { printf "%.2f", seconds / count * 1e9 }'; }

bench_calls() {
    local count=500000000 work_name program against ours theirs goal met
    polyplug_programs
    for work_name in "call" "chained" "C"; do
        if [[ $work_name == C ]]; then
            program=${polyplug[1]}
        else
            program="${polyplug[0]} $work_name"
        fi
        measure -N --warmup 1 --min-runs 10 -n contract "$program contract $count ${polyplug[2]}" \
            -n pointer "$program pointer $count ${polyplug[2]}"
        ours=$(nanoseconds "${medians[0]}" $count)
        theirs=$(nanoseconds "${medians[1]}" $count)
        goal="≤ + 1 ns" met=$(holds "$ours <= $theirs + 1")
        against="a function pointer of \`dlsym\`"
        case $work_name in
            call) against+=", by a host in Rust" ;;
            C) against+=", by a host in C" ;;
            # Arguments and results go through memory: an addition that waits for the one before waits for that, too.
            chained) against+=", each call waiting for the one before" goal=printed met=– ;;
        esac
        row "native call through a contract" "$against" "$ours ns" "$theirs ns" "$(ratio "$ours" "$theirs")" "$goal" "$met"
    done
}

bench_find() {
    local count=200000000 map found
    polyplug_programs
    measure -N --warmup 1 --min-runs 10 -n find "${polyplug[0]} find polyplug $count ${polyplug[4]}" \
        -n resolve "${polyplug[0]} resolve polyplug $count ${polyplug[4]}" \
        -n hashmap "${polyplug[0]} find hashmap $count ${polyplug[4]}"
    map=$(nanoseconds "${medians[2]}" $count)
    found=$(nanoseconds "${medians[0]}" $count)
    row "find a contract among 1,000 bundles" "a \`HashMap\` get" "$found ns" "$map ns" "$(ratio "$found" "$map")" \
        "≤ 30 ns" "$(holds "$found <= 30")"
    found=$(nanoseconds "${medians[1]}" $count)
    row "resolve a handle among 1,000 bundles" "a \`HashMap\` get" "$found ns" "$map ns" "$(ratio "$found" "$map")" \
        "≤ 10 ns" "$(holds "$found <= 10")"
}

bench_build() {
    local ends what goal met
    polyplug_programs
    for ends in kept ended; do
        measure -N --warmup 3 --min-runs 30 -n 1000 "${polyplug[0]} build $ends 1 ${polyplug[4]}" \
            -n 500 "${polyplug[0]} build $ends 1 ${polyplug[3]}"
        what="a runtime of 1,000 bundles in a deep chain" goal="≤ 2.2 ×"
        met=$(holds "${medians[0]} <= 2.2 * ${medians[1]}")
        if [[ $ends == ended ]]; then what+=", built and ended" goal=printed met=–; fi
        row "$what" "itself with 500" "$(number "${medians[0]}" ms1)" "$(number "${medians[1]}" ms1)" \
            "$(ratio "${medians[@]}")" "$goal" "$met"
    done
}

bench_scripts() {
    local count=20000000 language library ours theirs
    polyplug_programs
    "${polyplug[0]}" prepare scripts 1 "$work/polyplug/scripts" >/dev/null
    for language in lua js; do
        library=mlua
        [[ $language == js ]] && library=rquickjs
        measure -N --warmup 1 --min-runs 10 -n contract "${polyplug[0]} $language contract $count $work/polyplug/scripts" \
            -n direct "${polyplug[0]} $language direct $count $work/polyplug/scripts"
        ours=$(nanoseconds "${medians[0]}" $count)
        theirs=$(nanoseconds "${medians[1]}" $count)
        row "a call of an empty function in $language" "\`$library\` directly" "$ours ns" "$theirs ns" \
            "$(ratio "$ours" "$theirs")" "≤ 1.3 ×" "$(holds "$ours <= 1.3 * $theirs")"
    done
}
