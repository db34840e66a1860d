//! How programs of a target run on this machine: by themselves, behind an
//! emulator, in Wine, or not at all. A pure choice over what was found.

use std::path::{Path, PathBuf};

use serde::Serialize;

/// The way in which a target's programs run here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runner {
    /// As they are.
    Natively,
    /// As the last words of this command.
    Behind(Vec<String>),
    /// In Wine.
    Wine(Wine),
    /// Not at all, and why.
    Nowhere(String),
}

/// Wine's programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wine {
    /// What starts a program.
    pub program: PathBuf,
    /// What ends all that runs in a prefix.
    pub server: Option<PathBuf>,
}

/// How the choice looks at the machine.
#[derive(Clone, Copy)]
pub struct Probe<'a> {
    /// A program on PATH.
    pub find: &'a dyn Fn(&str) -> Option<PathBuf>,
    /// Whether there is such a file or folder.
    pub exists: &'a dyn Fn(&Path) -> bool,
}

impl Runner {
    /// For people: the way, or why there is none.
    pub fn describe(&self) -> String {
        match self {
            Self::Natively => "natively".to_owned(),
            Self::Behind(command) => {
                let program = command.first().map_or("", String::as_str);
                let name = Path::new(program).file_name().map_or(program.into(), |name| name.to_string_lossy());
                format!("through {name}")
            }
            Self::Wine(_) => "through wine".to_owned(),
            Self::Nowhere(why) => why.clone(),
        }
    }

    /// Whether programs can run at all.
    pub fn works(&self) -> bool {
        !matches!(self, Self::Nowhere(_))
    }
}

/// The runner of a target: the one that its manifest says, else the first that can work.
/// Programs with a standard library of their own (`self_contained`) need no C library.
pub(super) fn choose(triple: &str, host: &str, self_contained: bool, said: Vec<String>, probe: Probe<'_>) -> Runner {
    if !said.is_empty() {
        return Runner::Behind(said);
    }
    if triple == host {
        return Runner::Natively;
    }
    let (target, machine) = (Platform { self_contained, ..Platform::of(triple) }, Platform::of(host));
    match (&target.system, &machine.system) {
        (System::Linux, System::Linux) => linux(&target, &machine, probe),
        (System::Windows, System::Windows) => windows(&target, &machine),
        (System::Windows, System::Linux) => wine(&target, &machine, probe),
        (System::MacOs, System::MacOs) => mac(&target, &machine, probe),
        (System::MacOs, _) => Runner::Nowhere("macOS programs run on macOS only".to_owned()),
        (System::Windows, _) => {
            Runner::Nowhere("Windows programs run on Windows, and on Linux through wine".to_owned())
        }
        _ => Runner::Nowhere("nothing here is known to run its programs".to_owned()),
    }
}

/// What of a triple decides who can run its programs.
struct Platform<'a> {
    architecture: &'a str,
    system: System,
    /// The C library and its variant, such as `gnueabihf`.
    environment: &'a str,
    self_contained: bool,
}

#[derive(PartialEq, Eq)]
enum System {
    Linux,
    MacOs,
    Windows,
    Other,
}

impl<'a> Platform<'a> {
    fn of(triple: &'a str) -> Self {
        let architecture = triple.split('-').next().unwrap_or_default();
        let environment = triple.rsplit('-').next().unwrap_or_default();
        let c_library = environment.starts_with("gnu") || environment.starts_with("musl");
        // Ways of calling that neither the usual kernels nor qemu serve.
        let rare = environment.contains("x32") || environment.contains("ilp32");
        let system = if triple.contains("-linux-") && c_library && !rare {
            System::Linux
        } else if triple.contains("-windows-") {
            System::Windows
        } else if triple.ends_with("-apple-darwin") {
            System::MacOs
        } else {
            System::Other
        };
        Self { architecture, system, environment, self_contained: false }
    }

    /// Rust links programs for musl statically: they need nothing of the system.
    fn is_static(&self) -> bool {
        self.self_contained || self.environment.starts_with("musl")
    }

    fn is_x86_32(&self) -> bool {
        matches!(self.architecture, "i586" | "i686")
    }
}

fn linux(target: &Platform<'_>, machine: &Platform<'_>, probe: Probe<'_>) -> Runner {
    let loader = match (target.architecture, machine.architecture) {
        ("i586" | "i686", "x86_64" | "i586" | "i686") => Some("/lib/ld-linux.so.2"),
        ("x86_64", "x86_64") => Some("/lib64/ld-linux-x86-64.so.2"),
        ("aarch64", "aarch64") => Some("/lib/ld-linux-aarch64.so.1"),
        _ => None,
    };
    match loader {
        Some(loader) if target.is_static() || (probe.exists)(Path::new(loader)) => Runner::Natively,
        _ => qemu(target, probe),
    }
}

/// The names of one architecture: as triples begin, as qemu, GNU and Debian have them.
struct Names {
    triple: &'static str,
    qemu: &'static str,
    gnu: &'static str,
    debian: &'static str,
}

const ARCHITECTURES: [Names; 12] = [
    Names { triple: "aarch64", qemu: "aarch64", gnu: "aarch64", debian: "arm64" },
    Names { triple: "x86_64", qemu: "x86_64", gnu: "x86_64", debian: "amd64" },
    Names { triple: "i686", qemu: "i386", gnu: "i686", debian: "i386" },
    Names { triple: "i586", qemu: "i386", gnu: "i686", debian: "i386" },
    Names { triple: "riscv64", qemu: "riscv64", gnu: "riscv64", debian: "riscv64" },
    Names { triple: "powerpc64le", qemu: "ppc64le", gnu: "powerpc64le", debian: "ppc64el" },
    Names { triple: "powerpc64", qemu: "ppc64", gnu: "powerpc64", debian: "ppc64" },
    Names { triple: "powerpc", qemu: "ppc", gnu: "powerpc", debian: "powerpc" },
    Names { triple: "s390x", qemu: "s390x", gnu: "s390x", debian: "s390x" },
    Names { triple: "loongarch64", qemu: "loongarch64", gnu: "loongarch64", debian: "loong64" },
    Names { triple: "arm", qemu: "arm", gnu: "arm", debian: "armel" },
    Names { triple: "thumbv7", qemu: "arm", gnu: "arm", debian: "armhf" },
];

fn qemu(target: &Platform<'_>, probe: Probe<'_>) -> Runner {
    let architecture = target.architecture;
    let Some(names) = ARCHITECTURES.iter().find(|names| architecture.starts_with(names.triple)) else {
        return Runner::Nowhere(format!("no emulator is known for {architecture}"));
    };
    let candidates = [format!("qemu-{}", names.qemu), format!("qemu-{}-static", names.qemu)];
    let Some(program) = candidates.iter().find_map(|name| (probe.find)(name)) else {
        return Runner::Nowhere(format!("needs {}: apt install qemu-user", candidates[0]));
    };
    let command = |more: &[&str]| {
        let words = std::iter::once(program.display().to_string()).chain(more.iter().map(ToString::to_string));
        Runner::Behind(words.collect())
    };
    if target.is_static() {
        return command(&[]);
    }
    let gnu = format!("{}-linux-{}", names.gnu, target.environment);
    // Debian's cross libraries, Fedora's.
    let roots = [format!("/usr/{gnu}"), format!("/usr/{gnu}/sys-root")];
    let has_library = |root: &&String| {
        ["lib", "lib64"].iter().any(|folder| (probe.exists)(&Path::new(root.as_str()).join(folder).join("libc.so.6")))
    };
    if let Some(root) = roots.iter().find(has_library) {
        return command(&["-L", root]);
    }
    if (probe.exists)(&Path::new("/lib").join(&gnu).join("libc.so.6")) {
        return command(&[]); // Debian's own packages of that architecture: in the usual place
    }
    let debian = if target.environment.ends_with("eabihf") { "armhf" } else { names.debian };
    Runner::Nowhere(format!("needs the C library of {architecture} in {}: apt install libc6-{debian}-cross", roots[0]))
}

fn wine(target: &Platform<'_>, machine: &Platform<'_>, probe: Probe<'_>) -> Runner {
    if target.architecture == "aarch64" {
        return Runner::Nowhere("arm64 Windows programs run on arm64 Windows only".to_owned());
    }
    if target.architecture != "x86_64" || machine.architecture != "x86_64" {
        return Runner::Nowhere("wine is used for x64 programs on x64 machines only".to_owned());
    }
    match ["wine", "wine64"].into_iter().find_map(probe.find) {
        Some(program) => Runner::Wine(Wine { program, server: (probe.find)("wineserver") }),
        None => Runner::Nowhere("needs wine: apt install wine wine64".to_owned()),
    }
}

/// Windows itself runs what is older or smaller than it, and x64 programs on arm64.
fn windows(target: &Platform<'_>, machine: &Platform<'_>) -> Runner {
    if target.architecture == machine.architecture || target.is_x86_32() || machine.architecture == "aarch64" {
        return Runner::Natively;
    }
    Runner::Nowhere(format!("{} Windows programs do not run on {} Windows", target.architecture, machine.architecture))
}

fn mac(target: &Platform<'_>, machine: &Platform<'_>, probe: Probe<'_>) -> Runner {
    const ROSETTA: &str = "/Library/Apple/usr/share/rosetta/rosetta";
    match (target.architecture, machine.architecture) {
        (own, same) if own == same => Runner::Natively,
        ("x86_64", "aarch64") if (probe.exists)(Path::new(ROSETTA)) => Runner::Natively,
        ("x86_64", "aarch64") => Runner::Nowhere("needs Rosetta: softwareupdate --install-rosetta".to_owned()),
        _ => Runner::Nowhere("arm64 macOS programs run on Apple silicon only".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINUX: &str = "x86_64-unknown-linux-gnu";

    /// A machine with these programs and files.
    fn chosen(triple: &str, host: &str, programs: &[&str], files: &[&str]) -> Runner {
        let find = |name: &str| programs.contains(&name).then(|| Path::new("/bin").join(name));
        let exists = |path: &Path| files.iter().any(|file| Path::new(file) == path);
        choose(triple, host, false, Vec::new(), Probe { find: &find, exists: &exists })
    }

    fn behind(words: &[&str]) -> Runner {
        Runner::Behind(words.iter().map(ToString::to_string).collect())
    }

    #[track_caller]
    fn assert_nowhere(runner: Runner, reason: &str) {
        assert!(matches!(&runner, Runner::Nowhere(why) if why.contains(reason)), "{runner:?}");
    }

    #[test]
    fn the_manifests_runner_comes_before_everything() {
        let probe = Probe { find: &|_| None, exists: &|_| false };
        let said = vec!["my-runner".to_owned(), "--flag".to_owned()];
        assert_eq!(choose(LINUX, LINUX, false, said, probe), behind(&["my-runner", "--flag"]));
    }

    #[test]
    fn the_machines_own_programs_need_nobody() {
        assert_eq!(chosen(LINUX, LINUX, &[], &[]), Runner::Natively);
        assert_eq!(chosen("x86_64-unknown-linux-musl", LINUX, &["qemu-x86_64"], &[]), Runner::Natively);
        assert_eq!(chosen("i686-unknown-linux-musl", LINUX, &[], &[]), Runner::Natively);
        let loader = "/lib/ld-linux.so.2";
        assert_eq!(chosen("i686-unknown-linux-gnu", LINUX, &["qemu-i386"], &[loader]), Runner::Natively);
        assert_eq!(chosen("x86_64-pc-windows-gnu", "x86_64-pc-windows-msvc", &[], &[]), Runner::Natively);
    }

    #[test]
    fn another_c_library_needs_its_loader() {
        let musl = "x86_64-unknown-linux-musl";
        assert_nowhere(chosen(LINUX, musl, &[], &[]), "qemu-x86_64");
        assert_eq!(chosen(LINUX, musl, &[], &["/lib64/ld-linux-x86-64.so.2"]), Runner::Natively);
        assert_nowhere(chosen("i686-unknown-linux-gnu", LINUX, &["qemu-i386"], &[]), "libc6-i386-cross");
    }

    #[test]
    fn another_architecture_runs_behind_qemu_with_its_own_c_library() {
        let arm = "aarch64-unknown-linux-gnu";
        let debian = "/usr/aarch64-linux-gnu/lib/libc.so.6";
        let cross = behind(&["/bin/qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]);
        assert_eq!(chosen(arm, LINUX, &["qemu-aarch64"], &[debian]), cross);
        let fedora = "/usr/aarch64-linux-gnu/sys-root/lib64/libc.so.6";
        let root = behind(&["/bin/qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu/sys-root"]);
        assert_eq!(chosen(arm, LINUX, &["qemu-aarch64-static"], &[fedora]), root);
        let own = "/lib/aarch64-linux-gnu/libc.so.6";
        assert_eq!(chosen(arm, LINUX, &["qemu-aarch64"], &[own]), behind(&["/bin/qemu-aarch64"]));
        assert_nowhere(chosen(arm, LINUX, &["qemu-aarch64"], &[]), "libc6-arm64-cross");
        assert_nowhere(chosen(arm, LINUX, &[], &[debian]), "apt install qemu-user");
    }

    #[test]
    fn static_programs_need_no_c_library() {
        let static_arm = chosen("aarch64-unknown-linux-musl", LINUX, &["qemu-aarch64"], &[]);
        assert_eq!(static_arm, behind(&["/bin/qemu-aarch64"]));
        assert_eq!(static_arm.describe(), "through qemu-aarch64");
        let find = |name: &str| (name == "qemu-aarch64").then(|| PathBuf::from(name));
        let probe = Probe { find: &find, exists: &|_| false };
        let own = choose("aarch64-unknown-linux-gnu", LINUX, true, Vec::new(), probe);
        assert_eq!(own, behind(&["qemu-aarch64"]));
    }

    #[test]
    fn names_of_architectures_are_translated() {
        let files = ["/usr/arm-linux-gnueabihf/lib/libc.so.6", "/usr/riscv64-linux-gnu/lib/libc.so.6"];
        let programs = ["qemu-arm", "qemu-riscv64"];
        let arm = chosen("armv7-unknown-linux-gnueabihf", LINUX, &programs, &files);
        assert_eq!(arm, behind(&["/bin/qemu-arm", "-L", "/usr/arm-linux-gnueabihf"]));
        let risc = chosen("riscv64gc-unknown-linux-gnu", LINUX, &programs, &files);
        assert_eq!(risc, behind(&["/bin/qemu-riscv64", "-L", "/usr/riscv64-linux-gnu"]));
        assert_nowhere(chosen("armv7-unknown-linux-gnueabihf", LINUX, &programs, &[]), "libc6-armhf-cross");
        assert_nowhere(chosen("x86_64-unknown-linux-gnux32", LINUX, &programs, &files), "nothing here");
        assert_nowhere(chosen("aarch64-linux-android", LINUX, &["qemu-aarch64"], &files), "nothing here");
    }

    #[test]
    fn x64_windows_programs_run_in_wine() {
        let wine = |program: &str| {
            Runner::Wine(Wine {
                program: Path::new("/bin").join(program),
                server: Some(PathBuf::from("/bin/wineserver")),
            })
        };
        for triple in ["x86_64-pc-windows-msvc", "x86_64-pc-windows-gnu"] {
            assert_eq!(chosen(triple, LINUX, &["wine", "wineserver"], &[]), wine("wine"));
            assert_eq!(chosen(triple, LINUX, &["wine64", "wineserver"], &[]), wine("wine64"));
            assert_nowhere(chosen(triple, LINUX, &[], &[]), "apt install wine");
        }
        assert_nowhere(chosen("aarch64-pc-windows-msvc", LINUX, &["wine"], &[]), "arm64 Windows only");
        assert_nowhere(chosen("i686-pc-windows-msvc", LINUX, &["wine"], &[]), "x64 programs");
        assert_nowhere(chosen("x86_64-pc-windows-msvc", "aarch64-unknown-linux-gnu", &["wine"], &[]), "x64 machines");
    }

    #[test]
    fn macos_programs_run_on_macos_the_x64_ones_also_on_arm64() {
        let (x64, arm) = ("x86_64-apple-darwin", "aarch64-apple-darwin");
        assert_nowhere(chosen(x64, LINUX, &["wine", "qemu-x86_64"], &[]), "macOS only");
        assert_eq!(chosen(x64, arm, &[], &["/Library/Apple/usr/share/rosetta/rosetta"]), Runner::Natively);
        assert_nowhere(chosen(x64, arm, &[], &[]), "Rosetta");
        assert_nowhere(chosen(arm, x64, &[], &[]), "Apple silicon");
    }
}
