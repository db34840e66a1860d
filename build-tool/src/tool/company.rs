//! What programs need around them: what serves many of them and is started before the first, and what ends all that
//! they leave running. Both are run once, however many programs name them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Bounds, Invocation, Launcher, lock};

/// How long it may take until what serves programs stands; then they run without it.
const PATIENCE: Bounds = Bounds { time: Some(Duration::from_secs(30)), bytes: None };

/// What has been started for programs, and what ends it; by the command line.
#[derive(Debug, Default)]
pub(super) struct Company {
    servers: BTreeSet<String>,
    ends: BTreeMap<String, Invocation>,
}

impl Launcher {
    /// Before a program starts: its server stands, and what ends its company is known to us and to the guard.
    pub(super) fn accompany(&self, invocation: &Invocation) {
        if invocation.served_by.is_none() && invocation.ended_by.is_none() {
            return;
        }
        // Kept until the server stands: others that it serves wait for it.
        let mut company = lock(&self.company);
        if let Some(end) = invocation.ended_by.as_deref()
            && company.ends.insert(end.command_line(), end.clone()).is_none()
            && let Some((guard, line)) = self.guard.as_ref().zip(end.farewell())
        {
            lock(guard).farewell(&line);
        }
        if let Some(server) = invocation.served_by.as_deref()
            && company.servers.insert(server.command_line())
        {
            // Where it does not start, the programs say better than it could what is wrong.
            let _programs_may_do_without = self.try_out(server, PATIENCE);
        }
    }

    /// Ends what the programs have left running, also those of a cancelled run.
    pub fn end_company(&self) {
        let company = std::mem::take(&mut *lock(&self.company));
        for end in company.ends.values() {
            // What has ended already says so by its status.
            let _none_may_run = Self::new().output(end);
        }
        if let Some(guard) = &self.guard {
            lock(guard).no_farewells();
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: String) -> Invocation {
        Invocation::new("sh", "try").args(["-c", &script])
    }

    #[test]
    fn what_serves_runs_once_before_and_what_ends_once_behind() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let says = |word: &str| shell(format!("echo {word} >> {}", log.display()));
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        let launcher = Launcher::new();
        let call = |word: &str| says(word).served_by(says("serves")).ended_by(says("ends"));
        launcher.output(&call("one")).unwrap();
        launcher.read(&call("two")).unwrap();
        launcher.try_out(&call("three"), PATIENCE).unwrap();
        assert_eq!(said(), "serves\none\ntwo\nthree\n");
        launcher.end_company();
        assert_eq!(said(), "serves\none\ntwo\nthree\nends\n");
        launcher.end_company();
        assert_eq!(said(), "serves\none\ntwo\nthree\nends\n");
    }

    #[test]
    fn the_company_of_a_cancelled_run_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let ended = folder.path().join("ended");
        let launcher = Launcher::new();
        let call = shell("true".to_owned()).ended_by(shell(format!("touch {}", ended.display())));
        launcher.output(&call).unwrap();
        launcher.cancel(15);
        launcher.end_company();
        assert!(ended.exists());
    }
}
