//! Measures writing a package: `measure_packages deb.gz|deb.xz|deb.zst|apk LEVEL THREADS OUT FILE…`.
//! Prints the seconds, the bytes and the peak of resident memory (Linux).

use release_formats::apk::{ApkInfo, ApkOptions, ApkScripts, write_apk};
use release_formats::compress::Codec;
use release_formats::deb::{Control, DebOptions, Scripts, write_deb};
use release_formats::payload::{Content, Mark, Node, NodeKind, Payload};
use std::error::Error;
use std::fs::File;
use std::time::Instant;

const TIME: u64 = 1_700_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [format, level, threads, out, files @ ..] = arguments.as_slice() else {
        return Err("usage: measure_packages deb.gz|deb.xz|deb.zst|apk LEVEL THREADS OUT FILE…".into());
    };
    let (level, threads) = (Some(level.parse()?), threads.parse()?);
    let payload = Payload::new(files.iter().enumerate().map(|(at, file)| Node {
        path: format!("usr/lib/measured/file-{at}"),
        kind: NodeKind::File(Content::File(file.into())),
        mode: 0o755,
        owner: "root".to_owned(),
        group: "root".to_owned(),
        mark: Mark::None,
    }))?;
    let start = Instant::now();
    match format.as_str() {
        "apk" => {
            let options = ApkOptions { level, mtime: TIME, threads };
            let path = format!("{out}.scratch");
            let scratch = File::options().read(true).write(true).create(true).truncate(true).open(&path)?;
            write_apk(File::create(out)?, scratch, &info(), &ApkScripts::default(), &payload, options, None)?;
            std::fs::remove_file(path)?;
        }
        deb => {
            let codec = match deb {
                "deb.gz" => Codec::Gzip,
                "deb.xz" => Codec::Xz,
                "deb.zst" => Codec::Zstd,
                other => return Err(format!("no format {other}").into()),
            };
            let options = DebOptions { codec, level, mtime: TIME, threads };
            write_deb(File::create(out)?, &control(), &Scripts::default(), &payload, &options)?;
        }
    }
    let (seconds, size) = (start.elapsed().as_secs_f64(), std::fs::metadata(out)?.len());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: ?");
    println!("{format} x{threads}: {seconds:.2} s, {size} bytes, {peak}");
    Ok(())
}

fn control() -> Control {
    Control {
        package: "measured".to_owned(),
        version: "1.0.0-1".to_owned(),
        architecture: "amd64".to_owned(),
        maintainer: "Nobody <nobody@example.org>".to_owned(),
        synopsis: "is measured".to_owned(),
        ..Control::default()
    }
}

fn info() -> ApkInfo {
    ApkInfo {
        name: "measured".to_owned(),
        version: "1.0.0-r0".to_owned(),
        architecture: "x86_64".to_owned(),
        description: "is measured".to_owned(),
        licence: "MIT".to_owned(),
        ..ApkInfo::default()
    }
}
