//! Target manifests, `profiles/targets/*.toml`: where the programs will run.
//! Keyed by the full Rust triple, which the file is called after.
use std::collections::BTreeMap;

use located::{Located, Place};

use super::declare::{choices, table};
use super::kind::ErrorKind;
use super::reader::{Check, Reader};
use super::text::{Expanded, Name};
use super::values::{SchemaNumber, SystemVersion, Tier};

mod builtin;

pub use builtin::builtin;

table! {
    /// Where the programs will run.
    pub struct TargetManifest as "target manifest" {
        /// The version of this file's format.
        schema: Located<SchemaNumber> = "1",
        /// The full Rust triple, or with `spec` a name of one's own in its form; the file has its name.
        triple: Located<Name> = "\"x86_64-unknown-linux-gnu\"",
        /// How well it is kept: --all-targets means tier 1, and --tier 2 takes those too.
        tier: Option<Located<Tier>> = "1",
        /// How it is compiled and linked.
        backend: Option<Located<Backend>> = "\"auto\"",
        /// The oldest macOS that the programs run on.
        minimum_os: Option<Located<SystemVersion>> = "\"11.0\"",
        /// The oldest glibc that the programs run on.
        glibc: Option<Located<SystemVersion>> = "\"2.17\"",
        /// The universal binary that it becomes a slice of.
        universal: Option<Located<Name>> = "\"universal-apple-darwin\"",
        /// The archive's format.
        archive: Option<Located<ArchiveFormat>> = "\"tar.gz\"",
        /// The installers to make; if it is absent, deb and rpm for glibc's Linux, apk for musl's, msi for Windows MSVC, pkg and dmg for macOS.
        installers: Option<Vec<Located<Installer>>> = "[]",
        /// The command that runs its programs on this machine, such as ["qemu-aarch64", "-L", "${SYSROOT}"].
        runner: Option<Vec<Located<Expanded>>> = "[]",
        /// The machine that builds it in the CI matrix.
        ci_runner: Option<Located<String>> = "\"ubuntu-24.04\"",
        /// The linker to use.
        linker: Option<Located<Expanded>> = "\"clang\"",
        /// Cargo features to switch on besides the profile's.
        features: Option<Vec<Located<String>>> = "[]",
        /// Flags for rustc besides those of Cargo's configuration.
        rustflags: Option<Vec<Located<Expanded>>> = "[]",
        /// The triple that rustc compiles for, where the target has a name of its own.
        spec: Option<Located<Expanded>> = "\"x86_64-unknown-linux-gnu\"",
        /// Environment variables of the compilation; ${NAME} takes one from outside.
        env: BTreeMap<String, Located<Expanded>> = "{}",
        /// The standard library, for a target that brings its own.
        std: Option<Located<StdSource>> = "[std]",
    }
}

table! {
    /// Where a target's standard library comes from.
    pub struct StdSource as "std table of a target" {
        /// The package of the workspace whose library, named `std`, is its standard library.
        package: Located<String> = "\"my-std\"",
        /// The features of that package.
        features: Option<Vec<Located<String>>> = "[]",
        /// Whether its default features are on.
        default_features: Option<Located<bool>> = "true",
    }
}

choices! {
    /// The way a target is compiled and linked.
    pub enum Backend {
        /// Whichever of the others can.
        Auto = "auto",
        /// Cargo with the target's usual linker.
        Cargo = "cargo",
        /// Cargo with zig as linker and C compiler.
        Zig = "zig",
        /// Cargo with LLVM's linker and clang.
        Lld = "lld",
        /// Cargo with Microsoft's libraries as xwin provides them.
        Xwin = "xwin",
        /// The cross program and its containers.
        Cross = "cross",
    }
}

choices! {
    /// The format of an archive; the word is its file extension.
    pub enum ArchiveFormat {
        /// tar, gzip.
        TarGz = "tar.gz",
        /// tar, xz.
        TarXz = "tar.xz",
        /// tar, zstd.
        TarZst = "tar.zst",
        /// zip, deflate.
        Zip = "zip",
    }
}

choices! {
    /// The format of an installer; the word is its file extension.
    pub enum Installer {
        /// Debian and its kin.
        Deb = "deb",
        /// Fedora, openSUSE and their kin.
        Rpm = "rpm",
        /// Alpine.
        Apk = "apk",
        /// Windows Installer.
        Msi = "msi",
        /// macOS installer package.
        Pkg = "pkg",
        /// macOS disk image.
        Dmg = "dmg",
    }
}

impl TargetManifest {
    /// The triple that rustc compiles for: it says what system and which processor the target is.
    pub fn spec(&self) -> &str {
        self.spec.as_ref().map_or(self.triple.as_str(), |spec| spec.as_str())
    }
}

impl Check for TargetManifest {
    fn check(&self, reader: &mut Reader<'_>) {
        let stem = reader.source().stem().to_owned();
        if self.triple.as_str() != stem {
            let triple = self.triple.to_string();
            reader.error_at(ErrorKind::MisnamedTarget { triple, stem }, self.triple.place());
        }
        let mut invalid = |key: &str, place: &Place, problem: String, advice: &str| {
            let (key, advice) = (key.to_owned(), advice.to_owned());
            reader.error_at(ErrorKind::Invalid { key, problem, advice }, place);
        };
        if let Some(spec) = self.spec.as_ref().filter(|spec| spec.ends_with(".json")) {
            let problem = "cannot be a file: rustc reads such files only where unstable features are switched on for \
                           every program that it compiles"
                .to_owned();
            let advice = "name the triple that rustc knows and that comes closest, and say in `rustflags` what is to \
                          differ (`-C target-cpu=…`, `-C relocation-model=…`, `-C link-arg=…`)";
            invalid("spec", spec.place(), problem, advice);
            return;
        }
        let spec = self.spec();
        let processor = |triple: &str| triple.split('-').next().map(str::to_owned);
        if processor(spec) != processor(&self.triple) {
            let (own, named) = (self.triple.as_str(), processor(spec).unwrap_or_default());
            let problem = format!("is for another processor than the name {own} says");
            let advice = format!("call the target {named}-…, since whoever downloads it goes by its name");
            invalid("spec", self.spec.as_ref().map_or(self.triple.place(), Located::place), problem, &advice);
        }
        let odd = self.universal.as_ref().filter(|group| !group.starts_with("universal-apple-"));
        if let Some(group) = odd {
            let problem = format!("cannot be {:?}, since it becomes a platform's name", group.as_str());
            let advice = "write \"universal-apple-darwin\", or another name that begins with \"universal-apple-\"";
            invalid("universal", group.place(), problem, advice);
        }
        let mut only = |wrong: bool, key: &str, place: Option<&Place>, whose: &str| {
            if let (true, Some(place)) = (wrong, place) {
                invalid(key, place, format!("is only for {whose} targets"), "leave it out");
            }
        };
        let apple = spec.contains("-apple-");
        only(!apple, "minimum-os", self.minimum_os.as_ref().map(Located::place), "Apple");
        only(!apple, "universal", self.universal.as_ref().map(Located::place), "Apple");
        for format in self.installers.iter().flatten().filter(|format| !format.is_for(spec)) {
            only(true, "installers", Some(format.place()), format.system());
        }
        let gnu = spec.contains("-linux-gnu");
        only(!gnu, "glibc", self.glibc.as_ref().map(Located::place), "`*-linux-gnu*`");
        if let Some(glibc) = self.glibc.as_ref().filter(|_| gnu && self.std.is_some()) {
            let problem = "says nothing of a target that brings its own standard library".to_owned();
            invalid("glibc", glibc.place(), problem, "leave it out");
        }
        let unfit = self.backend.as_ref().filter(|backend| {
            self.std.is_some() && !matches!(backend.value(), Backend::Auto | Backend::Cargo | Backend::Zig)
        });
        if let Some(backend) = unfit {
            let problem = format!("cannot be {} for a target that brings its own standard library", backend.value());
            invalid("backend", backend.place(), problem, "write \"cargo\" or \"zig\", or leave it out");
        }
    }
}

impl Check for StdSource {}

impl Installer {
    /// The system that it installs on.
    pub fn system(self) -> &'static str {
        match self {
            Self::Deb | Self::Rpm | Self::Apk => "Linux",
            Self::Msi => "Windows",
            Self::Pkg | Self::Dmg => "macOS",
        }
    }

    /// Whether programs for a triple, or a universal platform, can be installed with it.
    pub fn is_for(self, triple: &str) -> bool {
        match self {
            Self::Deb | Self::Rpm | Self::Apk => triple.contains("-linux-"),
            Self::Msi => triple.contains("-windows-"),
            Self::Pkg | Self::Dmg => triple.ends_with("-apple-darwin"),
        }
    }

    /// Those that are made for a triple when nobody says.
    pub fn usual(triple: &str) -> &'static [Self] {
        if triple.contains("-linux-gnu") {
            &[Self::Deb, Self::Rpm]
        } else if triple.contains("-linux-musl") {
            &[Self::Apk]
        } else if triple.ends_with("-windows-msvc") {
            &[Self::Msi]
        } else if triple.ends_with("-apple-darwin") {
            &[Self::Pkg, Self::Dmg]
        } else {
            &[]
        }
    }
}
