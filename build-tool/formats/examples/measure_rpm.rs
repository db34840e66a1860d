//! Measures writing an RPM package: `measure_rpm CODEC LEVEL THREADS OUT FILE…`, with the codec gzip, xz or zstd.
//! Prints the seconds, the bytes and the peak of resident memory (Linux).

use release_formats::compress::Codec;
use release_formats::payload::{Content, Mark, Node, NodeKind, Payload};
use release_formats::rpm::{Metadata, RpmOptions, write_rpm};
use std::error::Error;
use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [codec, level, threads, out, files @ ..] = arguments.as_slice() else {
        return Err("usage: measure_rpm CODEC LEVEL THREADS OUT FILE…".into());
    };
    let codec = match codec.as_str() {
        "gzip" => Codec::Gzip,
        "xz" => Codec::Xz,
        "zstd" => Codec::Zstd,
        _ => return Err("the codec is gzip, xz or zstd".into()),
    };
    let options = RpmOptions { codec, level: Some(level.parse()?), mtime: 1_700_000_000, threads: threads.parse()? };
    let nodes = files.iter().enumerate().map(|(at, file)| Node {
        path: format!("usr/lib/measured/file-{at}"),
        kind: NodeKind::File(Content::File(PathBuf::from(file))),
        mode: 0o755,
        owner: "root".to_owned(),
        group: "root".to_owned(),
        mark: Mark::None,
    });
    let payload = Payload::new(nodes)?;
    let metadata = Metadata {
        name: "measured".to_owned(),
        version: "1.0".to_owned(),
        release: "1".to_owned(),
        architecture: "x86_64".to_owned(),
        summary: "Measured".to_owned(),
        licence: "MIT".to_owned(),
        ..Metadata::default()
    };
    let start = Instant::now();
    let file = write_rpm(File::create(out)?, &metadata, &payload, &options)?;
    let seconds = start.elapsed().as_secs_f64();
    let size = file.metadata()?.len();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: ?");
    println!("{codec:?} -{level} x{threads}: {seconds:.2} s, {size} bytes, {peak}");
    Ok(())
}
