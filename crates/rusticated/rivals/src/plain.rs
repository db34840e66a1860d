//! Without a runtime: one call after the other.
use std::fs::OpenOptions;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::process::Command;

use crate::{BLOCK, PROGRAMS, Places, Work};

pub fn run(work: &Work) -> bool {
    match work.kind.as_str() {
        "read" | "direct" => {
            let (count, flags) = work.reads();
            let file = OpenOptions::new().read(true).custom_flags(flags).open(&work.file).unwrap();
            let mut places = Places::new(0, file.metadata().unwrap().len());
            let mut block = vec![0; BLOCK];
            for _ in 0..count {
                assert_eq!(file.read_at(&mut block, places.next()).unwrap(), BLOCK);
            }
        }
        "process" => {
            for _ in 0..PROGRAMS {
                assert!(Command::new("true").status().unwrap().success());
            }
        }
        _ => return false,
    }
    true
}
