//! The end of a bundle, on a thread of its own: what a plugin does then may take for ever, and the runtime goes on
//! without it after a while. What such a plugin holds is kept, since it may still run.

// The instances that end here are ended by functions of plugins.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use polyplug_abi::AbiErrorCode;
use polyplug_abi::types::LogLevel;

use super::bundle::Bundle;
use super::core::Core;
use super::instances::Instance;
use crate::error::Failure;
use crate::panics::caught;
use crate::waiting::{Circle, this_thread, unless_circle};

/// Something that ends on a thread of its own.
#[derive(Debug)]
pub(crate) struct Teardown {
    /// What it is, in messages.
    what: String,
    progress: Arc<Progress>,
    deadline: Instant,
}

#[derive(Debug, Default)]
struct Progress {
    /// How it ended, once it has.
    ended: Mutex<Option<Result<(), Failure>>>,
    /// The thread on which it ends, for those who look for circles.
    runner: AtomicUsize,
    changed: Condvar,
}

/// Those that nobody waits for.
#[derive(Debug, Default)]
pub(crate) struct Teardowns(Mutex<Vec<Teardown>>);

impl Teardown {
    /// Begins to end a bundle that nobody uses any more.
    pub(crate) fn begin(bundle: Bundle) -> Self {
        let core = bundle.core.upgrade();
        let limit = core.as_ref().map_or(Duration::ZERO, |core| core.teardown_timeout());
        let what = format!("bundle `{}`", bundle.manifest.name);
        Self::run(what, limit, core, move |core| end(bundle, core))
    }

    /// Begins to end instances that somebody who is gone did not give back.
    pub(crate) fn of_instances(left: Vec<Instance>, core: &Arc<Core>) -> Self {
        let what = "an instance that was not given back".to_owned();
        Self::run(what, core.teardown_timeout(), Some(Arc::clone(core)), move |core| {
            if let Some(core) = core {
                core.end_instances(left);
            }
            Ok(())
        })
    }

    /// Runs something that may call plugins and may not end.
    fn run(
        what: String,
        limit: Duration,
        core: Option<Arc<Core>>,
        job: impl FnOnce(Option<&Arc<Core>>) -> Result<(), Failure> + Send + 'static,
    ) -> Self {
        let progress = Arc::new(Progress::default());
        let deadline = Instant::now() + limit;
        // The job is shared with its thread, so that it is not dropped here, with all that it owns, if there is no
        // thread to be had.
        let job = Arc::new(Mutex::new(Some(job)));
        let (of_thread, its_job, name) = (Arc::clone(&progress), Arc::clone(&job), what.clone());
        let kept = core.clone();
        let started = thread::Builder::new().name("polyplug-teardown".to_owned()).spawn(move || {
            of_thread.runner.store(this_thread(), Ordering::Relaxed);
            let job = its_job.lock().unwrap_or_else(PoisonError::into_inner).take();
            let result = caught(|| job.map_or(Ok(()), |job| job(core.as_ref())));
            let result = result.unwrap_or_else(|| {
                Err(Failure::new(AbiErrorCode::Panicked, format!("{name} panicked while it ended")))
            });
            if let (Err(failure), Some(core)) = (&result, &core) {
                core.report("teardown", failure.clone());
            }
            drop(core);
            // The number may be another thread's as soon as this one is gone.
            of_thread.runner.store(0, Ordering::Relaxed);
            of_thread.end(result);
        });
        if let Err(error) = started {
            std::mem::forget(job);
            // It may still run, and call what it knows of the runtime.
            if let Some(core) = kept {
                core.memory.keep();
                std::mem::forget(core);
            }
            let message = format!("{what} is kept, since there is no thread to end it on: {error}");
            progress.end(Err(Failure::new(AbiErrorCode::Io, message)));
        }
        Self { what, progress, deadline }
    }

    /// Waits for the end, but not for ever. Where it is the calling thread that the end waits for, it comes later.
    pub(crate) fn wait(self, core: &Core) -> Result<(), Failure> {
        self.try_to_wait(core).unwrap_or_else(|Circle| {
            core.teardowns.add(self);
            Ok(())
        })
    }

    fn try_to_wait(&self, core: &Core) -> Result<Result<(), Failure>, Circle> {
        let mut ended = self.progress.ended.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(result) = &*ended {
                return Ok(result.clone());
            }
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                break;
            }
            ended = unless_circle(&self.progress.runner, || {
                self.progress.changed.wait_timeout(ended, left).unwrap_or_else(PoisonError::into_inner).0
            })?;
        }
        drop(ended);
        Ok(Err(self.too_late(core)))
    }

    fn has_ended(&self) -> bool {
        self.progress.ended.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn too_late(&self, core: &Core) -> Failure {
        core.memory.keep();
        let limit = core.teardown_timeout().as_millis();
        let message =
            format!("{} did not end within {limit} ms; what it holds is kept, since it may still run", self.what);
        Failure::new(AbiErrorCode::TimedOut, message)
    }
}

impl Progress {
    fn end(&self, result: Result<(), Failure>) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        self.changed.notify_all();
    }
}

impl Teardowns {
    /// One more.
    pub(crate) fn add(&self, teardown: Teardown) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(teardown);
    }

    /// Forgets those that have ended, and reports those that are too late, once.
    pub(crate) fn look_after(&self, core: &Core) {
        let now = Instant::now();
        let mut late = Vec::new();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|teardown| {
            let (ended, expired) = (teardown.has_ended(), teardown.deadline <= now);
            if !ended && expired {
                late.push(teardown.too_late(core));
            }
            !ended && !expired
        });
        late.into_iter().for_each(|failure| core.report("teardown", failure));
    }

    /// Waits for all of them, as long as each may take.
    pub(crate) fn wait_for_all(&self, core: &Core) {
        loop {
            // Ending one may end others.
            let Some(next) = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop() else { return };
            let ended = next.try_to_wait(core).unwrap_or_else(|Circle| Err(next.too_late(core)));
            if let Err(failure) = ended {
                core.report("teardown", failure);
            }
        }
    }
}

/// Ends a bundle: its singletons, its code, what it left of others', its table.
fn end(mut bundle: Bundle, core: Option<&Arc<Core>>) -> Result<(), Failure> {
    for contract in &mut bundle.contracts {
        if let Some(instance) = contract.take_singleton() {
            // SAFETY: it was made once and taken out once, and uses of it are uses of the bundle, of which there are none.
            unsafe { contract.destroy(instance) };
        }
    }
    let running = bundle.running.take();
    let dropped = caught(move || drop(running));
    if let Some(core) = core {
        core.end_instances_of(&bundle.scope);
        core.log(LogLevel::Debug, "loader", || format!("bundle `{}` has ended", bundle.manifest.name));
    }
    bundle.scope.retire();
    if let Some(core) = core {
        core.forget_scope(&bundle.scope);
    }
    dropped.ok_or_else(|| {
        let message = format!("bundle `{}` panicked while it was dropped", bundle.manifest.name);
        Failure::new(AbiErrorCode::Panicked, message)
    })
}
