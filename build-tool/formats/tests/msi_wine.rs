//! Packages for Windows, installed: by Wine's Windows Installer, the only other one there is.

mod support;

use release_formats::msi::Msi;
use release_formats::payload::{Mark, Node, NodeKind};
use std::fs;
use support::msi::{file, msi, node, written};
use support::wine::{Wine, program};

const MACHINE: &str = r"HKLM\System\CurrentControlSet\Control\Session Manager\Environment";
const USER: &str = r"HKCU\Environment";
const UNINSTALL: &str = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall";
const INSTALLED: &str = "Program Files/Hello Tool";
const PER_USER: [&str; 1] = ["ALLUSERS="];

fn version(version: &str) -> Msi {
    Msi { version: version.to_owned(), ..msi() }
}

/// A program that says its version, and what else is of interest.
fn nodes(version: &str) -> Vec<Node> {
    let mut config = file("etc/settings.toml", format!("made by {version}").as_bytes());
    config.mark = Mark::ConfigNoReplace;
    vec![
        file("bin/hello-tool.exe", &program(version)),
        file(&format!("share/only in {version}.txt"), b"once"),
        node("plugins/none yet", NodeKind::Directory),
        config,
    ]
}

fn without_config(version: &str) -> Vec<Node> {
    nodes(version).into_iter().filter(|node| node.mark == Mark::None).collect()
}

#[test]
#[ignore = "20 s: makes a folder for Wine and installs into it"]
fn an_installed_program_runs_from_path_and_its_removal_leaves_nothing() {
    let wine = Wine::new();
    let package = written(&version("1.2.3"), without_config("1.2.3"));
    let before = wine.everything();
    let path = wine.value(MACHINE, "PATH").unwrap();
    assert_eq!(wine.msiexec("/i", &package, &[]), 0);
    assert_eq!(wine.value(MACHINE, "PATH").unwrap(), format!(r"C:\Program Files\Hello Tool\bin;{path}"));
    assert_eq!(wine.says(&["cmd", "/c", "hello-tool.exe"]), "1.2.3");
    assert!(wine.path(INSTALLED).join("plugins/none yet").is_dir());
    let menu = "users/Public/Start Menu/Programs/Hello Tool/Hello Tool 1.0.lnk";
    let installed = wine.everything();
    assert!(installed.iter().any(|line| line.ends_with("Hello Tool/Hello Tool 1.0.lnk")), "{menu}");
    let entry = installed.iter().filter(|line| line.contains(r"\\Uninstall\\{"));
    let entry: Vec<&str> = entry.map(|line| line.split("} ").nth(1).unwrap_or_default()).collect();
    for expected in [
        "\"DisplayName\"=\"Hello Tool\"",
        "\"DisplayVersion\"=\"1.2.3\"",
        "\"Publisher\"=\"Example & Sons\"",
        "\"URLInfoAbout\"=\"https://example.com/hello\"",
        "\"HelpLink\"=\"https://example.com/help\"",
        "\"Contact\"=\"hello@example.com\"",
        "\"Comments\"=\"Says hello\"",
        r#""InstallLocation"="C:\\Program Files\\Hello Tool\\""#,
        "\"NoModify\"=dword:00000001",
    ] {
        assert!(entry.contains(&expected), "{expected} is not in {entry:#?}");
    }

    assert_eq!(wine.msiexec("/x", &package, &[]), 0);
    let after = wine.everything();
    let rest: Vec<_> = after.difference(&before).collect();
    assert!(rest.is_empty(), "{rest:#?}");
    assert_eq!(wine.value(MACHINE, "PATH").unwrap(), path);
}

#[test]
#[ignore = "20 s: makes a folder for Wine and installs into it"]
fn an_upgrade_replaces_the_old_version_and_a_downgrade_is_refused() {
    let wine = Wine::new();
    let [old, new] = ["1.2.3", "1.3.0"].map(|number| written(&version(number), nodes(number)));
    let before = wine.value(MACHINE, "PATH").unwrap();
    assert_eq!(wine.msiexec("/i", &old, &[]), 0);
    let settings = wine.path(INSTALLED).join("etc/settings.toml");
    fs::write(&settings, "changed").unwrap();
    assert_eq!(wine.msiexec("/i", &new, &[]), 0);
    assert_eq!(wine.says(&["cmd", "/c", "hello-tool.exe"]), "1.3.0");
    assert!(!wine.path(INSTALLED).join("share/only in 1.2.3.txt").exists());
    assert_eq!(fs::read(&settings).unwrap(), b"changed");
    let path = wine.value(MACHINE, "PATH").unwrap();
    assert_eq!(path.matches("Hello Tool").count(), 1, "{path}");
    let products = wine.says(&["reg", "query", UNINSTALL, "/s", "/v", "DisplayName"]);
    assert_eq!(products.matches("Hello Tool").count(), 1, "{products}");

    // 1603, of which Unix sees the last eight bits.
    assert_eq!(wine.msiexec("/i", &old, &[]), 1603 & 0xFF);
    assert_eq!(wine.says(&["cmd", "/c", "hello-tool.exe"]), "1.3.0");
    assert!(!wine.path(INSTALLED).join("share/only in 1.2.3.txt").exists());

    assert_eq!(wine.msiexec("/x", &new, &[]), 0);
    assert_eq!(wine.value(MACHINE, "PATH").unwrap(), before);
    assert!(!wine.path(INSTALLED).join("bin").exists());
    assert_eq!(fs::read(&settings).unwrap(), b"changed");
}

#[test]
#[ignore = "20 s: makes a folder for Wine and installs into it"]
fn the_same_version_can_be_installed_again_and_a_prerelease_replaced() {
    let wine = Wine::new();
    let [candidate, release] = ["1.2.3-rc.1", "1.2.3"].map(|number| written(&version(number), nodes(number)));
    // The second time with a bar that shows its progress: that shows no dialog either.
    assert_eq!(wine.msiexec("/i", &candidate, &[]), 0);
    assert_eq!(wine.msiexec("/i", &candidate, &["/qb"]), 0);
    assert_eq!(wine.says(&["cmd", "/c", "hello-tool.exe"]), "1.2.3-rc.1");
    assert_eq!(wine.msiexec("/i", &release, &[]), 0);
    assert_eq!(wine.says(&["cmd", "/c", "hello-tool.exe"]), "1.2.3");
    assert!(!wine.path(INSTALLED).join("share/only in 1.2.3-rc.1.txt").exists());
}

#[test]
#[ignore = "20 s: makes a folder for Wine and installs into it"]
fn one_user_can_install_without_touching_what_is_for_all() {
    let wine = Wine::new();
    let package = written(&version("1.2.3"), without_config("1.2.3"));
    // As every Windows has them.
    wine.says(&["reg", "add", USER, "/v", "PATH", "/d", r"C:\own"]);
    wine.says(&["cmd", "/c", "mkdir", r"%LOCALAPPDATA%\Programs"]);
    let before = wine.everything();
    let machine_path = wine.value(MACHINE, "PATH");
    assert_eq!(wine.msiexec("/i", &package, &PER_USER), 0);
    assert!(!wine.path("Program Files/Hello Tool").exists());
    assert_eq!(wine.value(MACHINE, "PATH"), machine_path);
    let path = wine.value(USER, "PATH").unwrap();
    assert!(path.ends_with(r"\AppData\Local\Programs\Hello Tool\bin;C:\own"), "{path}");
    assert_eq!(wine.says(&["cmd", "/c", "hello-tool.exe"]), "1.2.3");

    assert_eq!(wine.msiexec("/x", &package, &PER_USER), 0);
    let after = wine.everything();
    let rest: Vec<_> = after.difference(&before).collect();
    assert!(rest.is_empty(), "{rest:#?}");
    assert_eq!(wine.value(USER, "PATH").unwrap(), r"C:\own");
}

#[test]
#[ignore = "20 s: makes a folder for Wine and installs into it"]
fn an_upgrade_goes_where_the_user_chose() {
    let wine = Wine::new();
    let [old, new] = ["1.2.3", "1.3.0"].map(|number| written(&version(number), without_config(number)));
    assert_eq!(wine.msiexec("/i", &old, &[r"INSTALLDIR=C:\elsewhere\tool"]), 0);
    assert!(wine.path("elsewhere/tool/bin/hello-tool.exe").exists());
    assert_eq!(wine.msiexec("/i", &new, &[]), 0);
    assert!(wine.path("elsewhere/tool/share/only in 1.3.0.txt").exists());
    assert_eq!(wine.says(&["cmd", "/c", "hello-tool.exe"]), "1.3.0");
    assert_eq!(wine.msiexec("/x", &new, &[]), 0);
    assert!(!wine.path("elsewhere/tool").exists());
}
