//! Measures signing and fusing: `measure_macho FOLDER SLICE…` writes a signed copy of each slice and the
//! universal file of those into the folder. Prints the seconds and the peak of resident memory (Linux).

use release_formats::macho::{SignOptions, Uuid, fuse, sign};
use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, slices @ ..] = arguments.as_slice() else {
        return Err("usage: measure_macho FOLDER SLICE…".into());
    };
    let options = SignOptions {
        identifier: "measured".to_owned(),
        hardened_runtime: false,
        entitlements: None,
        uuid: Uuid::Content,
    };
    let start = Instant::now();
    let mut signed = Vec::new();
    for (number, slice) in slices.iter().enumerate() {
        let path = Path::new(folder).join(format!("signed-{number}"));
        let mut file = File::options().read(true).write(true).create(true).truncate(true).open(path)?;
        sign(&mut File::open(slice)?, &mut file, &options)?;
        signed.push(file);
    }
    let signing = start.elapsed().as_secs_f64();
    fuse(&mut signed, &mut File::create(Path::new(folder).join("universal"))?)?;
    let seconds = start.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: ?");
    println!("signed in {signing:.3} s, signed and fused in {seconds:.3} s, {peak}");
    Ok(())
}
