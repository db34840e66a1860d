//! What a package's scripts do about systemd's units, as debhelper's `dh_installsystemd` has it: enabled and started
//! when they are installed, restarted by an upgrade, stopped before they go, forgotten when they are purged.

/// Parts of three scripts; empty where there is nothing to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Snippets {
    pub(super) postinst: String,
    pub(super) prerm: String,
    pub(super) postrm: String,
}

/// The parts for units, each with whether it starts with the system.
pub(super) fn snippets(units: &[(String, bool)]) -> Snippets {
    let mut snippets = Snippets::default();
    if units.is_empty() {
        return snippets;
    }
    const CONFIGURES: &str = "if [ \"$1\" = \"configure\" ] || [ \"$1\" = \"abort-upgrade\" ] || \
                              [ \"$1\" = \"abort-deconfigure\" ] || [ \"$1\" = \"abort-remove\" ]; then\n";
    for (unit, _) in units.iter().filter(|(_, enabled)| *enabled) {
        snippets.postinst += CONFIGURES;
        snippets.postinst += &format!(
            "\tdeb-systemd-helper unmask '{unit}' >/dev/null || true\n\
             \tif deb-systemd-helper --quiet was-enabled '{unit}'; then\n\
             \t\tdeb-systemd-helper enable '{unit}' >/dev/null || true\n\
             \telse\n\
             \t\tdeb-systemd-helper update-state '{unit}' >/dev/null || true\n\
             \tfi\n\
             fi\n"
        );
    }
    // A template has no instance to start, and what is not enabled starts when somebody says so.
    let names = |wanted: bool| -> String {
        let plain = units.iter().filter(|(unit, enabled)| *enabled == wanted && !unit.contains("@."));
        plain.map(|(unit, _)| format!(" '{unit}'")).collect()
    };
    let (started, others) = (names(true), names(false));
    snippets.postinst += CONFIGURES;
    snippets.postinst += "\tif [ -z \"${DPKG_ROOT:-}\" ] && [ -d /run/systemd/system ]; then\n\
                          \t\tsystemctl --system daemon-reload >/dev/null || true\n";
    if !started.is_empty() {
        snippets.postinst += &format!(
            "\t\tif [ -n \"$2\" ]; then\n\
             \t\t\tdeb-systemd-invoke restart{started} >/dev/null || true\n\
             \t\telse\n\
             \t\t\tdeb-systemd-invoke start{started} >/dev/null || true\n\
             \t\tfi\n"
        );
    }
    if !others.is_empty() {
        snippets.postinst += &format!("\t\tdeb-systemd-invoke try-restart{others} >/dev/null || true\n");
    }
    snippets.postinst += "\tfi\nfi\n";
    let all = format!("{started}{others}");
    if !all.is_empty() {
        snippets.prerm = format!(
            "if [ -z \"${{DPKG_ROOT:-}}\" ] && [ \"$1\" = remove ] && [ -d /run/systemd/system ]; then\n\
             \tdeb-systemd-invoke stop{all} >/dev/null || true\n\
             fi\n"
        );
    }
    let every: String = units.iter().map(|(unit, _)| format!(" '{unit}'")).collect();
    snippets.postrm = format!(
        "if [ \"$1\" = remove ] && [ -d /run/systemd/system ]; then\n\
         \tsystemctl --system daemon-reload >/dev/null || true\n\
         fi\n\
         if [ \"$1\" = \"purge\" ] && [ -x /usr/bin/deb-systemd-helper ]; then\n\
         \tdeb-systemd-helper purge{every} >/dev/null || true\n\
         fi\n"
    );
    snippets
}

/// A script of the package's own with a part added: at `#DEBHELPER#`, where those who come from debhelper or
/// cargo-deb have it, else at its end. Without one, a new script.
pub(super) fn joined(own: Option<Vec<u8>>, part: &str) -> Option<Vec<u8>> {
    const MARK: &[u8] = b"#DEBHELPER#";
    let Some(mut own) = own else {
        return (!part.is_empty()).then(|| format!("#!/bin/sh\nset -e\n\n{part}").into_bytes());
    };
    match own.windows(MARK.len()).position(|window| window == MARK) {
        Some(at) => drop(own.splice(at..at + MARK.len(), part.bytes())),
        None if part.is_empty() => {}
        None => {
            if !own.ends_with(b"\n") {
                own.push(b'\n');
            }
            own.extend(part.bytes());
        }
    }
    Some(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_enable_start_stop_and_forget_units() {
        let units = [("a.service".to_owned(), true), ("b@.service".to_owned(), true), ("c.timer".to_owned(), false)];
        let Snippets { postinst, prerm, postrm } = snippets(&units);
        insta::assert_snapshot!(format!("postinst:\n{postinst}\nprerm:\n{prerm}\npostrm:\n{postrm}"));
        assert_eq!(snippets(&[]), Snippets::default());
    }

    #[test]
    fn a_part_goes_where_the_script_says_or_to_its_end() {
        let own = |text: &str| Some(text.as_bytes().to_vec());
        assert_eq!(joined(None, ""), None);
        assert_eq!(joined(None, "x\n"), own("#!/bin/sh\nset -e\n\nx\n"));
        assert_eq!(joined(own("a\n#DEBHELPER#\nb\n"), "x\n"), own("a\nx\n\nb\n"));
        assert_eq!(joined(own("a\n#DEBHELPER#\nb\n"), ""), own("a\n\nb\n"));
        assert_eq!(joined(own("a"), "x\n"), own("a\nx\n"));
        assert_eq!(joined(own("a"), ""), own("a"));
    }
}
