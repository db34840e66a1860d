//! What epoll watches. It looks at the whole process: this file has one test.
#![cfg(target_os = "linux")]
use rusticated::io::{self, AsyncRead};
use rusticated::rt;
use support::run;

mod support;

/// How many descriptors are watched.
fn watched() -> usize {
    let infos = std::fs::read_dir("/proc/self/fdinfo").unwrap();
    let infos = infos.filter_map(|info| std::fs::read_to_string(info.unwrap().path()).ok());
    infos.map(|info| info.matches("tfd:").count()).sum()
}

#[test]
fn a_pipe_that_a_child_was_given_wakes_nobody_here() {
    rusticated::env::set_env("RUSTICATED_BACKEND", "epoll").unwrap();
    run(async {
        assert_eq!(rt::backend_name(), "epoll");
        let (mut reader, writer) = io::pipe()?;
        let waited = rt::select(reader.read(Vec::with_capacity(8)), async {}).await;
        assert!(matches!(waited, rt::Either::Right(())));
        assert_eq!(watched(), 1);
        let mut cat = rusticated::process::Command::new("cat");
        let mut child = cat.stdin(reader).spawn().await?;
        assert_eq!(watched(), 0);
        drop((cat, writer));
        assert!(child.wait().await?.success());
        Ok(())
    });
}
