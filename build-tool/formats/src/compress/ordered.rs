//! Threads that do jobs side by side, and whose answers come back in the order of the jobs.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

type Answer<A> = SyncSender<io::Result<A>>;

/// The threads and, in order, where their answers will come. Dropped, it ends the threads.
pub(crate) struct Ordered<J, A> {
    jobs: Option<Sender<(J, Answer<A>)>>,
    answers: VecDeque<Receiver<io::Result<A>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<J: Send + 'static, A: Send + 'static> Ordered<J, A> {
    /// Starts `count` threads of a name, each with a worker of its own.
    pub(crate) fn start<F>(name: &str, count: usize, worker: impl Fn() -> F) -> io::Result<Self>
    where
        F: FnMut(J) -> io::Result<A> + Send + 'static,
    {
        let (jobs, queue) = channel::<(J, Answer<A>)>();
        let queue = Arc::new(Mutex::new(queue));
        let mut threads = Vec::new();
        for _ in 0..count {
            let queue = Arc::clone(&queue);
            let mut work = worker();
            threads.push(thread::Builder::new().name(name.to_owned()).spawn(move || {
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

    /// Whether every thread has a job to do and one to go on with. Who then waits for the oldest bounds the memory.
    pub(crate) fn is_busy(&self) -> bool {
        self.answers.len() >= 2 * self.threads.len()
    }

    /// The oldest job's answer; `None` when all are in.
    pub(crate) fn next(&mut self) -> Option<io::Result<A>> {
        let receiver = self.answers.pop_front()?;
        Some(receiver.recv().unwrap_or_else(|_| Err(worker_died())))
    }
}

impl<J, A> Drop for Ordered<J, A> {
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
