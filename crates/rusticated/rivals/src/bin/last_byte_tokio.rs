//! What last-byte does, on tokio: to compare sizes.
use std::io::SeekFrom;
use std::process::ExitCode;

use tokio::fs::File;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader};

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    match runtime.block_on(run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let mut stdout = tokio::io::stdout();
    stdout.write_all(b"Path of a file: ").await.map_err(|error| error.to_string())?;
    stdout.flush().await.map_err(|error| error.to_string())?;
    let mut line = Vec::new();
    let count = BufReader::new(tokio::io::stdin()).read_until(b'\n', &mut line).await.map_err(|error| error.to_string())?;
    if count == 0 {
        return Err("no input".to_owned());
    }
    let path = String::from_utf8_lossy(&line).trim_end().to_owned();
    let mut file = File::open(&path).await.map_err(|error| format!("{path}: {error}"))?;
    if file.metadata().await.map_err(|error| format!("{path}: {error}"))?.is_dir() {
        return Err(format!("{path}: is a folder"));
    }
    if file.seek(SeekFrom::End(0)).await.map_err(|error| format!("{path}: {error}"))? == 0 {
        return Err(format!("{path}: is empty"));
    }
    file.seek(SeekFrom::End(-1)).await.map_err(|error| format!("{path}: {error}"))?;
    let byte = file.read_u8().await.map_err(|error| format!("{path}: {error}"))?;
    println!("The last byte of {path}: {byte} (0x{byte:02x})");
    Ok(())
}
