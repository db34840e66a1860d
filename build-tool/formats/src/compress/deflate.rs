//! One deflate stream (RFC 1951) made by several threads, as `pigz` does it: the input is cut
//! into blocks of a fixed size; each is compressed on its own with the 32 KiB before it as
//! preset dictionary, ends at a byte boundary by a sync flush, and they are joined in order.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use std::io::{self, Write};
use std::mem;

use super::workers::{MAX_THREADS, Workers};

/// Bytes of input per block. Part of the format that is written: to change it changes every
/// archive. Large, since each join costs a few bytes and a fresh set of Huffman codes.
pub const BLOCK_SIZE: usize = 1 << 20;

/// As far back as deflate can refer.
const WINDOW: usize = 32 * 1024;

/// A writer that deflates into another. [`ParallelDeflate::finish`] must be called.
pub struct ParallelDeflate<W: Write> {
    out: W,
    level: u32,
    threads: usize,
    workers: Option<Workers<Job, Done>>,
    block: Vec<u8>,
    dictionary: Vec<u8>,
    sums: Sums,
}

/// What [`ParallelDeflate::finish`] gives back.
pub struct Deflated<W> {
    /// The inner writer.
    pub out: W,
    /// CRC-32 of the input.
    pub crc32: u32,
    /// Bytes of input.
    pub size_in: u64,
    /// Bytes written to the inner writer.
    pub size_out: u64,
}

#[derive(Default)]
struct Sums {
    crc: Crc,
    size_in: u64,
    size_out: u64,
}

struct Job {
    block: Vec<u8>,
    dictionary: Vec<u8>,
    last: bool,
}

struct Done {
    bytes: Vec<u8>,
    crc: Crc,
    size_in: u64,
}

impl<W: Write> ParallelDeflate<W> {
    /// Starts a raw stream at a level from 1 to 9. Threads start with the second block: small
    /// inputs have none.
    pub fn new(out: W, level: u32, threads: usize) -> Self {
        Self {
            out,
            level: level.clamp(1, 9),
            threads: threads.clamp(1, MAX_THREADS),
            workers: None,
            block: Vec::new(),
            dictionary: Vec::new(),
            sums: Sums::default(),
        }
    }

    /// Writes what is left and the final block.
    pub fn finish(mut self) -> io::Result<Deflated<W>> {
        let last = Job { block: self.block, dictionary: self.dictionary, last: true };
        match self.workers.take() {
            None => {
                self.sums.write(deflate(&mut compressor(self.level), &last)?, &mut self.out)?;
            }
            Some(mut workers) => {
                workers.submit(last)?;
                while let Some(done) = workers.next() {
                    self.sums.write(done?, &mut self.out)?;
                }
            }
        }
        let Sums { crc, size_in, size_out } = self.sums;
        Ok(Deflated { out: self.out, crc32: crc.sum(), size_in, size_out })
    }

    /// Hands the full block to a worker, as soon as there is room for it.
    fn submit(&mut self) -> io::Result<()> {
        let workers = match &mut self.workers {
            Some(workers) => workers,
            none => none.insert(start(self.level, self.threads)?),
        };
        if workers.is_full()
            && let Some(done) = workers.next()
        {
            self.sums.write(done?, &mut self.out)?;
        }
        let block = mem::replace(&mut self.block, Vec::with_capacity(BLOCK_SIZE));
        let next = block[block.len() - WINDOW..].to_vec();
        let dictionary = mem::replace(&mut self.dictionary, next);
        workers.submit(Job { block, dictionary, last: false })
    }
}

impl<W: Write> Write for ParallelDeflate<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(BLOCK_SIZE - self.block.len());
        self.block.extend_from_slice(&bytes[..taken]);
        if self.block.len() == BLOCK_SIZE {
            self.submit()?;
        }
        Ok(taken)
    }

    /// Does nothing: blocks end at fixed places only.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sums {
    fn write<W: Write>(&mut self, done: Done, out: &mut W) -> io::Result<()> {
        self.crc.combine(&done.crc);
        self.size_in += done.size_in;
        self.size_out += done.bytes.len() as u64;
        out.write_all(&done.bytes)
    }
}

fn start(level: u32, threads: usize) -> io::Result<Workers<Job, Done>> {
    Workers::start(threads, || {
        let mut compressor = compressor(level);
        move |job| deflate(&mut compressor, &job)
    })
}

fn compressor(level: u32) -> Compress {
    Compress::new(Compression::new(level), false)
}

fn deflate(compressor: &mut Compress, job: &Job) -> io::Result<Done> {
    compressor.reset();
    if !job.dictionary.is_empty() {
        compressor.set_dictionary(&job.dictionary).map_err(io::Error::other)?;
    }
    let flush = if job.last { FlushCompress::Finish } else { FlushCompress::Sync };
    // More than zlib's own bound (`deflateBound`), so that one call is enough.
    let mut bytes = Vec::with_capacity(job.block.len() + job.block.len() / 8 + 1024);
    loop {
        let read = (compressor.total_in() as usize).min(job.block.len());
        let status = compressor.compress_vec(&job.block[read..], &mut bytes, flush).map_err(io::Error::other)?;
        // Room left over means that zlib has nothing more to say.
        if matches!(status, Status::StreamEnd) || (!job.last && bytes.len() < bytes.capacity()) {
            break;
        }
        bytes.reserve(WINDOW);
    }
    let mut crc = Crc::new();
    crc.update(&job.block);
    Ok(Done { bytes, crc, size_in: job.block.len() as u64 })
}
