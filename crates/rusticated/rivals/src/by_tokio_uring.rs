//! The reads on tokio-uring.
use std::os::unix::fs::OpenOptionsExt;
use std::rc::Rc;

use crate::{BLOCK, Places, Work};

pub fn run(work: &Work) -> bool {
    if !matches!(work.kind.as_str(), "read" | "direct") {
        return false;
    }
    tokio_uring::start(read(work.clone()));
    true
}

async fn read(work: Work) {
    let (count, flags) = work.reads();
    let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(&work.file).unwrap();
    let length = file.metadata().unwrap().len();
    let file = Rc::new(tokio_uring::fs::File::from_std(file));
    let tasks: Vec<_> = (0..work.size)
        .map(|seed| {
            let (file, count) = (file.clone(), count / work.size);
            tokio_uring::spawn(async move {
                let mut places = Places::new(seed, length);
                let mut block = Vec::with_capacity(BLOCK);
                for _ in 0..count {
                    block.clear();
                    let (read, back) = file.read_at(block, places.next()).await;
                    assert_eq!(read.unwrap(), BLOCK);
                    block = back;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}
