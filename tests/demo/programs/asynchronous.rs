//! Tasks of the library's own runtime, from a main that returns a future.
use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::rt::io::AsyncRead;
use std::rt::{fs, spawn, time};
use std::time::Duration;

fn main() -> Pin<Box<dyn Future<Output = ExitCode>>> {
    Box::pin(async {
        println!("before");
        let two = spawn(async {
            time::sleep(Duration::from_millis(20)).await;
            // A blocking call inside of a task is none of the runtime's.
            std::fs::write("file", "abc").unwrap();
            println!("two");
            2
        });
        let one = spawn(async {
            println!("one");
            1
        });
        let sum = one.await.unwrap() + two.await.unwrap();
        let mut file = fs::File::open("file").await.unwrap();
        let (count, bytes) = file.read(Vec::with_capacity(16)).await;
        println!("{}", String::from_utf8_lossy(&bytes[..count.unwrap()]));
        println!("after");
        ExitCode::from(4 + sum)
    })
}
