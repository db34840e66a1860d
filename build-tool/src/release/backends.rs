//! Which backend compiles and links a target: what its manifest says, else the
//! first that can work here. A pure choice over facts, so that the plan can
//! show it and say why.

use super::BackendChoice;
use super::error::Problem;
use super::machine::Machine;
use crate::manifest::target::Backend;

/// What the choice looks at besides the machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    /// The target.
    pub(super) triple: &'a str,
    /// The triple of this machine.
    pub(super) host: &'a str,
    /// The oldest glibc that the programs run on, where somebody says one.
    pub(super) glibc: Option<&'a str>,
    /// Whether it brings its own standard library.
    pub(super) own_std: bool,
    /// The linker that the target manifest or cargo's configuration names.
    pub(super) linker: Option<&'a str>,
}

/// What the manifest says, checked.
pub(super) fn said(backend: Backend, facts: &Facts<'_>) -> Result<BackendChoice, Problem> {
    if !serves(backend, facts) {
        let (name, triple) = (backend.as_str().to_owned(), facts.triple.to_owned());
        return Err(Problem::WrongBackend { name, triple, serves: scope(backend) });
    }
    Ok(BackendChoice { backend, why: "the target manifest says so".to_owned() })
}

/// The first backend that can work here.
pub(super) fn auto(facts: &Facts<'_>, machine: &Machine) -> BackendChoice {
    let (backend, why) = if let Some(floor) = facts.glibc.filter(|_| is_gnu_linux(facts.triple)) {
        (Backend::Zig, format!("zig can link against glibc {floor}"))
    } else if let Some(linker) = facts.linker {
        (Backend::Cargo, format!("its linker is configured: {linker}"))
    } else if facts.own_std && links_bare(facts.triple) {
        (Backend::Cargo, "rust-lld links it, without a C library".to_owned())
    } else if facts.triple == facts.host {
        (Backend::Cargo, "the host's own target".to_owned())
    } else if both(facts, is_apple) || both(facts, is_msvc) {
        (Backend::Cargo, "the host's own system".to_owned())
    } else if is_msvc(facts.triple) {
        windows(machine)
    } else if zig_knows(facts.triple) {
        foreign(facts, machine)
    } else {
        (Backend::Cargo, "rustc links it by itself".to_owned())
    };
    BackendChoice { backend, why }
}

fn windows(machine: &Machine) -> (Backend, String) {
    match (&machine.zig, &machine.lld, &machine.xwin) {
        (Some(_), Some(_), _) => (Backend::Lld, "links without Microsoft's SDK".to_owned()),
        (_, _, Some(_)) => (Backend::Xwin, "cargo-xwin is here, zig and lld are not".to_owned()),
        _ => (Backend::Lld, "would link without Microsoft's SDK".to_owned()),
    }
}

fn foreign(facts: &Facts<'_>, machine: &Machine) -> (Backend, String) {
    if machine.zig.is_none() && machine.cross.is_some() && serves(Backend::Cross, facts) {
        return (Backend::Cross, "cross is here, zig is not".to_owned());
    }
    let why = match &machine.sdk {
        Some(_) if is_apple(facts.triple) => "zig links it, with the SDK that SDKROOT names",
        None if is_apple(facts.triple) => "zig links it, with stubs for Apple's frameworks",
        _ => "zig links it",
    };
    (Backend::Zig, why.to_owned())
}

fn both(facts: &Facts<'_>, is: fn(&str) -> bool) -> bool {
    is(facts.triple) && is(facts.host)
}

fn is_apple(triple: &str) -> bool {
    triple.contains("-apple-")
}

fn is_msvc(triple: &str) -> bool {
    triple.ends_with("-windows-msvc")
}

fn is_gnu_linux(triple: &str) -> bool {
    triple.contains("-linux-gnu")
}

/// Whether the Rust toolchain's linker can do it alone, where no C library takes part.
fn links_bare(triple: &str) -> bool {
    !is_apple(triple) && !triple.contains("-windows-gnu")
}

/// Whether zig carries a C library for it.
fn zig_knows(triple: &str) -> bool {
    let system = is_gnu_linux(triple)
        || triple.contains("-linux-musl")
        || triple.ends_with("-apple-darwin")
        || triple.ends_with("-windows-gnu")
        || triple.ends_with("-windows-gnullvm");
    system && !triple.starts_with("sparc") && !triple.starts_with("csky")
}

/// Whether a backend could build the target on any machine.
fn serves(backend: Backend, facts: &Facts<'_>) -> bool {
    match backend {
        Backend::Auto | Backend::Cargo => true,
        Backend::Zig => zig_knows(facts.triple),
        Backend::Lld => matches!(facts.triple, "x86_64-pc-windows-msvc" | "aarch64-pc-windows-msvc"),
        Backend::Xwin => is_msvc(facts.triple),
        Backend::Cross => !is_apple(facts.triple) && !is_msvc(facts.triple),
    }
}

fn scope(backend: Backend) -> &'static str {
    match backend {
        Backend::Auto | Backend::Cargo => "any target",
        Backend::Zig => "Linux (gnu, musl), macOS and *-windows-gnu",
        Backend::Lld => "x86_64-pc-windows-msvc and aarch64-pc-windows-msvc",
        Backend::Xwin => "*-windows-msvc",
        Backend::Cross => "what cross has containers for: neither Apple's systems nor MSVC",
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::machine::Zig;
    use super::*;

    const LINUX: &str = "x86_64-unknown-linux-gnu";

    fn facts<'a>(triple: &'a str, host: &'a str) -> Facts<'a> {
        Facts { triple, host, glibc: None, own_std: false, linker: None }
    }

    fn chosen(facts: Facts<'_>, machine: &Machine) -> Backend {
        auto(&facts, machine).backend
    }

    fn full() -> Machine {
        let zig = Zig { program: PathBuf::from("zig"), version: "0.17.0".to_owned() };
        Machine { zig: Some(zig), lld: Some(PathBuf::from("rust-lld")), ..Machine::default() }
    }

    #[test]
    fn each_target_gets_the_first_backend_that_can_work_here() {
        assert_eq!(chosen(facts(LINUX, LINUX), &full()), Backend::Cargo);
        assert_eq!(chosen(facts("aarch64-unknown-linux-gnu", LINUX), &full()), Backend::Zig);
        assert_eq!(chosen(facts("x86_64-unknown-linux-musl", LINUX), &full()), Backend::Zig);
        assert_eq!(chosen(facts("x86_64-pc-windows-gnu", LINUX), &full()), Backend::Zig);
        assert_eq!(chosen(facts("x86_64-pc-windows-msvc", LINUX), &full()), Backend::Lld);
        assert_eq!(chosen(facts("wasm32-unknown-unknown", LINUX), &full()), Backend::Cargo);
    }

    #[test]
    fn on_its_own_system_a_target_is_cargos() {
        assert_eq!(chosen(facts("x86_64-apple-darwin", "aarch64-apple-darwin"), &full()), Backend::Cargo);
        assert_eq!(chosen(facts("aarch64-pc-windows-msvc", "x86_64-pc-windows-msvc"), &full()), Backend::Cargo);
        assert_eq!(chosen(facts(LINUX, "aarch64-apple-darwin"), &full()), Backend::Zig);
    }

    #[test]
    fn a_floor_needs_zig_and_a_linker_of_ones_own_needs_nobody() {
        let floor = Facts { glibc: Some("2.17"), ..facts(LINUX, LINUX) };
        assert_eq!(chosen(floor, &Machine::default()), Backend::Zig);
        let linker = Facts { linker: Some("aarch64-linux-gnu-gcc"), ..facts("aarch64-unknown-linux-gnu", LINUX) };
        assert_eq!(chosen(linker, &full()), Backend::Cargo);
    }

    #[test]
    fn a_standard_library_of_its_own_needs_no_c_library_and_so_neither_zig_nor_a_c_compiler() {
        let own = |triple| chosen(Facts { own_std: true, ..facts(triple, LINUX) }, &full());
        assert_eq!(own(LINUX), Backend::Cargo);
        assert_eq!(own("aarch64-unknown-linux-gnu"), Backend::Cargo);
        assert_eq!(own("x86_64-pc-windows-msvc"), Backend::Cargo);
        // What programs of these systems are linked with is no C library alone.
        assert_eq!(own("aarch64-apple-darwin"), Backend::Zig);
        assert_eq!(own("x86_64-pc-windows-gnu"), Backend::Zig);
    }

    #[test]
    fn what_is_not_here_gives_way_to_what_is() {
        let here = |xwin: bool, cross: bool| Machine {
            xwin: xwin.then(|| PathBuf::from("cargo-xwin")),
            cross: cross.then(|| PathBuf::from("cross")),
            ..Machine::default()
        };
        assert_eq!(chosen(facts("x86_64-pc-windows-msvc", LINUX), &here(true, false)), Backend::Xwin);
        assert_eq!(chosen(facts("aarch64-unknown-linux-gnu", LINUX), &here(false, true)), Backend::Cross);
        // Nothing is here: the one that is easiest to get, which the pre-flight then names.
        assert_eq!(chosen(facts("aarch64-unknown-linux-gnu", LINUX), &here(false, false)), Backend::Zig);
    }

    #[test]
    fn a_backend_that_cannot_serve_the_target_is_refused() {
        let refused = said(Backend::Lld, &facts(LINUX, LINUX)).unwrap_err();
        assert!(matches!(refused, Problem::WrongBackend { .. }), "{refused:?}");
        assert!(said(Backend::Xwin, &facts("x86_64-pc-windows-msvc", LINUX)).is_ok());
    }
}
