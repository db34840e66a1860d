//! Threads that do one job after another and give the answers back in the order of the jobs, so that what they make
//! together does not depend on how many there are.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// More threads than this are not started.
pub(crate) const MAX_THREADS: usize = 256;

type Answer<D> = io::Result<D>;

/// The threads and, in order, where their answers will come. Dropped, it ends the threads.
pub(crate) struct Workers<J, D> {
    jobs: Option<Sender<(J, SyncSender<Answer<D>>)>>,
    answers: VecDeque<Receiver<Answer<D>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<J: Send + 'static, D: Send + 'static> Workers<J, D> {
    /// Starts `count` threads, each with a worker of its own from `make`.
    pub(crate) fn start<W>(count: usize, make: impl Fn() -> W) -> io::Result<Self>
    where
        W: FnMut(J) -> Answer<D> + Send + 'static,
    {
        let (jobs, queue) = channel::<(J, SyncSender<Answer<D>>)>();
        let queue = Arc::new(Mutex::new(queue));
        let mut threads = Vec::new();
        for _ in 0..count {
            let queue = Arc::clone(&queue);
            let mut work = make();
            threads.push(thread::Builder::new().name("deflate".to_owned()).spawn(move || {
                loop {
                    // The lock is held while waiting: the others wait for it instead.
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((job, answer)) = next else { break };
                    // Nobody listens any more when the writer was dropped half-way.
                    let _ = answer.send(work(job));
                }
            })?);
        }
        Ok(Self { jobs: Some(jobs), answers: VecDeque::new(), threads })
    }

    /// Hands a job over.
    pub(crate) fn submit(&mut self, job: J) -> io::Result<()> {
        let (answer, receiver) = sync_channel(1);
        self.answers.push_back(receiver);
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send((job, answer)).is_ok());
        if sent { Ok(()) } else { Err(worker_died()) }
    }

    /// Whether every worker has a job to do and one to go on with: then the oldest answer is to be waited for, which
    /// bounds the memory.
    pub(crate) fn is_full(&self) -> bool {
        self.answers.len() >= 2 * self.threads.len()
    }
}

impl<J, D> Workers<J, D> {
    /// The oldest job's answer; `None` when all are in.
    pub(crate) fn next(&mut self) -> Option<Answer<D>> {
        let receiver = self.answers.pop_front()?;
        Some(receiver.recv().unwrap_or_else(|_| Err(worker_died())))
    }
}

impl<J, D> Drop for Workers<J, D> {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn worker_died() -> io::Error {
    io::Error::other("a compressing thread ended too early")
}
