//! What a package's scripts do about systemd's units, as the macros `%systemd_post`, `%systemd_preun` and
//! `%systemd_postun_with_restart` have it (systemd's `macros.systemd`): the distribution's presets decide what is
//! enabled, removal stops it, an upgrade restarts it.

/// Parts of three scripts; empty where there is nothing to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Snippets {
    pub(super) post: String,
    pub(super) preun: String,
    pub(super) postun: String,
}

/// The parts for units.
pub(super) fn snippets(units: &[String]) -> Snippets {
    // A template has no instance to be handled.
    let plain = || units.iter().filter(|unit| !unit.contains("@."));
    if plain().next().is_none() {
        return Snippets::default();
    }
    let names: String = plain().map(|unit| format!(" {unit}")).collect();
    const HELPER: &str = "/usr/lib/systemd/systemd-update-helper";
    let part = |condition: &str, verb: &str| {
        format!("if [ {condition} ] && [ -x {HELPER} ]; then\n    {HELPER} {verb}{names} || :\nfi\n")
    };
    Snippets {
        post: part("$1 -eq 1", "install-system-units"),
        preun: part("$1 -eq 0", "remove-system-units"),
        postun: part("$1 -ge 1", "mark-restart-system-units"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_preset_stopped_and_restarted() {
        let units = ["a.service".to_owned(), "b@.service".to_owned()];
        let Snippets { post, preun, postun } = snippets(&units);
        insta::assert_snapshot!(format!("post:\n{post}\npreun:\n{preun}\npostun:\n{postun}"));
        assert_eq!(snippets(&units[1..]), Snippets::default());
    }
}
