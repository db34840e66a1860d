//! How the facts of `Environment` are found. What is asked of the system comes in as an argument, so that tests can
//! answer instead.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::Variables;

/// What services set that do not set `CI`, or did not always.
const CI_VARIABLES: [&str; 18] = [
    "APPVEYOR",
    "BITBUCKET_BUILD_NUMBER",
    "BUILDKITE",
    "BUILD_NUMBER",
    "CIRCLECI",
    "CIRRUS_CI",
    "CODEBUILD_BUILD_ID",
    "CONTINUOUS_INTEGRATION",
    "DRONE",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "JENKINS_URL",
    "NETLIFY",
    "SEMAPHORE",
    "TEAMCITY_VERSION",
    "TF_BUILD",
    "TRAVIS",
    "VERCEL",
];

/// `CI=false` is how people say that it is none, whatever else is set.
pub(super) fn is_ci(variables: &Variables) -> bool {
    match variables.get("CI") {
        Some(value) if is_no(value) => false,
        Some(_) => true,
        None => CI_VARIABLES.iter().filter_map(|name| variables.get(name)).any(|value| !is_no(value)),
    }
}

fn is_no(value: &OsStr) -> bool {
    value.is_empty() || value == "0" || value.eq_ignore_ascii_case("false")
}

/// Whether this is a container, by the marks that Docker, Podman and containerd leave.
pub(super) fn is_container(variables: &Variables, root: &Path) -> bool {
    if !cfg!(target_os = "linux") {
        return false;
    }
    let names = |file: &str, marks: &[&str]| {
        // A few kilobytes, of the kernel's own; on most machines neither has a mark.
        std::fs::read_to_string(root.join(file)).is_ok_and(|text| marks.iter().any(|mark| text.contains(mark)))
    };
    root.join(".dockerenv").exists()
        || root.join("run/.containerenv").exists()
        // systemd's container interface: the variable is set by Podman and by LXC.
        || variables.get("container").is_some_and(|kind| !kind.is_empty())
        || variables.get("KUBERNETES_SERVICE_HOST").is_some()
        || names("proc/self/cgroup", &["/docker/", "/docker-", "/kubepods", "/libpod", "/containerd"])
        // Version 2 of cgroups shows a container its own root, but not where its /etc/hostname comes from.
        || names("proc/self/mountinfo", &["/docker/containers/", "/kubelet/pods/", "/containers/storage/overlay-containers/"])
}

/// The user's folder. An empty or relative value says nothing that can be relied on.
pub(super) fn home(variables: &Variables, system: fn() -> Option<PathBuf>) -> Option<PathBuf> {
    let named = variables.get(if cfg!(windows) { "USERPROFILE" } else { "HOME" }).map(PathBuf::from);
    named.filter(|path| path.is_absolute()).or_else(|| system().filter(|path| path.is_absolute()))
}

/// The folder for short-lived files. A relative one would lead elsewhere after `--cwd`.
pub(super) fn temporary(variables: &Variables, cwd: &Path, system: fn() -> PathBuf) -> PathBuf {
    let names = if cfg!(windows) { ["BUN_TMPDIR", "TMP", "TEMP"] } else { ["BUN_TMPDIR", "TMPDIR", "TMP"] };
    let named = names.iter().filter_map(|name| variables.get(name)).map(PathBuf::from).find(|path| path.is_absolute());
    named.unwrap_or_else(|| cwd.join(system()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(list: &[(&str, &str)]) -> Variables {
        list.iter().copied().collect()
    }

    #[test]
    fn ci_is_what_services_say_and_people_can_deny() {
        for (list, expected) in [
            (&[][..], false),
            (&[("CI", "true")], true),
            (&[("CI", "1")], true),
            (&[("CI", "woodpecker")], true),
            (&[("CI", "false"), ("GITHUB_ACTIONS", "true")], false),
            (&[("CI", "0")], false),
            (&[("CI", "")], false),
            (&[("GITHUB_ACTIONS", "true")], true),
            (&[("GITHUB_ACTIONS", "false")], false),
            (&[("TEAMCITY_VERSION", "2024.03")], true),
            (&[("JENKINS_URL", "https://ci.example")], true),
            (&[("CIRCUS", "true")], false),
        ] {
            assert_eq!(is_ci(&variables(list)), expected, "{list:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn containers_are_known_by_each_of_their_marks() {
        let folder = |file: &str, text: &str| {
            let root = tempfile::tempdir().unwrap();
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
            root
        };
        for (file, text, expected) in [
            (".dockerenv", "", true),
            ("run/.containerenv", "engine=\"podman-5\"", true),
            ("proc/self/cgroup", "12:cpu:/docker/0123abcd\n", true),
            ("proc/self/cgroup", "0::/system.slice/docker-0123.scope\n", true),
            ("proc/self/cgroup", "0::/kubepods.slice/pod1\n", true),
            ("proc/self/cgroup", "0::/user.slice/user-1000.slice\n", false),
            ("proc/self/mountinfo", "1 2 8:1 /var/lib/docker/containers/0123/hostname /etc/hostname rw\n", true),
            ("proc/self/mountinfo", "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n", false),
        ] {
            let root = folder(file, text);
            assert_eq!(is_container(&Variables::default(), root.path()), expected, "{file}: {text}");
        }
        let nothing = tempfile::tempdir().unwrap();
        assert!(is_container(&variables(&[("container", "podman")]), nothing.path()));
        assert!(is_container(&variables(&[("KUBERNETES_SERVICE_HOST", "10.0.0.1")]), nothing.path()));
    }

    #[cfg(unix)]
    #[test]
    fn the_home_folder_is_the_variable_then_the_list_of_users_then_none() {
        let listed = || Some(PathBuf::from("/home/listed"));
        assert_eq!(home(&variables(&[("HOME", "/h")]), listed), Some("/h".into()));
        for unusable in ["", "relative"] {
            assert_eq!(home(&variables(&[("HOME", unusable)]), listed), Some("/home/listed".into()));
        }
        assert_eq!(home(&Variables::default(), listed), Some("/home/listed".into()));
        assert_eq!(home(&Variables::default(), || None), None);
        // What std gives for HOME= where there is no account.
        assert_eq!(home(&Variables::default(), || Some(PathBuf::new())), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_temporary_folder_is_always_absolute() {
        let system = || PathBuf::from("relative");
        let cwd = Path::new("/here");
        assert_eq!(temporary(&variables(&[("BUN_TMPDIR", "/b"), ("TMPDIR", "/t")]), cwd, system), Path::new("/b"));
        assert_eq!(temporary(&variables(&[("TMPDIR", "/t"), ("TMP", "/x")]), cwd, system), Path::new("/t"));
        assert_eq!(temporary(&variables(&[("TMPDIR", ""), ("TMP", "/x")]), cwd, system), Path::new("/x"));
        assert_eq!(temporary(&Variables::default(), cwd, system), Path::new("/here/relative"));
    }
}
