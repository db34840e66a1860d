//! Measures writing an archive with its checksum: `measure FORMAT LEVEL THREADS OUT FILE…`.
//! Prints the seconds, the bytes, the peak of resident memory (Linux) and the SHA-256.

use release_formats::archive::{ArchiveOptions, Entry, write_archive};
use release_formats::checksums::Sha256Writer;
use std::error::Error;
use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [format, level, threads, out, files @ ..] = arguments.as_slice() else {
        return Err("usage: measure FORMAT LEVEL THREADS OUT FILE…".into());
    };
    let options = ArchiveOptions {
        format: format.parse()?,
        root: "measured".to_owned(),
        mtime: 1_700_000_000,
        level: Some(level.parse()?),
        threads: threads.parse()?,
    };
    let entries: Vec<Entry> = files
        .iter()
        .enumerate()
        .map(|(at, file)| Entry {
            name: format!("file-{at}").into_bytes(),
            source: PathBuf::from(file),
            executable: true,
        })
        .collect();
    let start = Instant::now();
    let out = write_archive(Sha256Writer::new(File::create(out)?), &options, &entries)?;
    let (_, sum, size) = out.finish();
    let seconds = start.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: ?");
    println!("{format} -{level} x{threads}: {seconds:.2} s, {size} bytes, {peak}, {sum}");
    Ok(())
}
