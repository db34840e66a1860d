//! For `scripts/bench.sh`: reads a `.env` file a hundred times, by this library or by dotenvy.
//!
//! `measure_dotenv ours|dotenvy FILE`

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::PathBuf;

use core_runtime::dotenv::{Sources, load};
use core_runtime::environment::Variables;

/// So that the program's own start does not count.
const TIMES: usize = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(who), Some(file)) = (args.next(), args.next().map(PathBuf::from)) else {
        return Err("measure_dotenv ours|dotenvy FILE".into());
    };
    for _ in 0..TIMES {
        match who.as_str() {
            "ours" => {
                let folder = file.parent().ok_or("a file lies in a folder")?;
                let none = Variables::default();
                let files = [file.clone()];
                let sources = Sources { process: &none, overrides: &[], files: &files, usual: false, folder };
                black_box(load(sources)?);
            }
            "dotenvy" => {
                let pairs: Result<BTreeMap<String, String>, _> = dotenvy::from_path_iter(&file)?.collect();
                black_box(pairs?);
            }
            _ => return Err("who is to read it: ours or dotenvy".into()),
        }
    }
    Ok(())
}
