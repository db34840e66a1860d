//! Measures writing a package for Windows Installer, and reading it: `measure_msi LEVEL THREADS OUT FILE…`.
//! Prints the seconds of both, the bytes, and the peak of resident memory (Linux) after each.

use release_formats::msi::{Msi, MsiArchitecture, MsiScope, read_msi, write_msi};
use release_formats::payload::{Content, Mark, Node, NodeKind, Payload};
use release_formats::read_archive::{Limits, ReadError};
use std::error::Error;
use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [level, threads, out, files @ ..] = arguments.as_slice() else {
        return Err("usage: measure_msi LEVEL THREADS OUT FILE…".into());
    };
    let msi = Msi {
        name: "Measured".to_owned(),
        version: "1.0.0".to_owned(),
        manufacturer: "Example".to_owned(),
        upgrade_code: None,
        architecture: MsiArchitecture::X64,
        scope: MsiScope::Machine,
        install_folder: "Measured".to_owned(),
        path: Some(String::new()),
        shortcuts: Vec::new(),
        start_menu_folder: None,
        icon: None,
        summary: "Measured".to_owned(),
        contact: None,
        homepage: None,
        help: None,
        licence: None,
        time: 1_700_000_000,
        level: Some(level.parse()?),
        threads: threads.parse()?,
    };
    let nodes = files.iter().enumerate().map(|(at, file)| Node {
        path: format!("file-{at}"),
        kind: NodeKind::File(Content::File(PathBuf::from(file))),
        mode: 0o644,
        owner: "root".to_owned(),
        group: "root".to_owned(),
        mark: Mark::None,
    });
    let payload = Payload::new(nodes)?;
    let start = Instant::now();
    write_msi(File::create(out)?, &msi, &payload)?;
    let (seconds, peak) = (start.elapsed().as_secs_f64(), peak());
    let size = File::open(out)?.metadata()?.len();
    println!("wrote -{level} x{threads}: {seconds:.2} s, {size} bytes, {peak}");
    let start = Instant::now();
    read_msi(File::open(out)?, Limits::default(), |_, _| Ok::<_, ReadError>(()))?;
    println!("read: {:.2} s, {}", start.elapsed().as_secs_f64(), self::peak());
    Ok(())
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: ?").to_owned()
}
