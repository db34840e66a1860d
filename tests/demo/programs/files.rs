//! Files and folders.
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    fs::create_dir_all("a/b/c")?;
    fs::write("a/one", "first\n")?;
    OpenOptions::new().append(true).open("a/one")?.write_all(b"second\n")?;
    print!("{}", fs::read_to_string("a/one")?);
    println!("{:?}", fs::metadata("a/one").map(|known| (known.len(), known.is_file(), known.is_dir()))?);
    println!("{}", fs::copy("a/one", "a/two")?);
    fs::rename("a/two", "a/b/three")?;
    let mut names: Vec<PathBuf> =
        fs::read_dir("a")?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    names.sort();
    println!("{names:?}");

    let mut file = File::options().read(true).write(true).open("a/b/three")?;
    println!("{} {}", file.seek(SeekFrom::End(-7))?, file.stream_position()?);
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    println!("{text:?}");
    file.rewind()?;
    file.set_len(3)?;
    println!("{:?}", fs::read("a/b/three")?);

    let large: Vec<u8> = (0..1_000_000u32).map(|number| number as u8).collect();
    fs::write("large", &large)?;
    println!("{} {}", fs::read("large")? == large, fs::metadata("large")?.len());

    for (what, error) in [
        ("open", File::open("nothing").map(drop)),
        ("create", File::create_new("a/one").map(drop)),
        ("folder", fs::create_dir("a")),
        ("remove", fs::remove_dir("a")),
        ("text", fs::read_to_string("large").map(drop)),
        ("nul", fs::read("a\0b").map(drop)),
    ] {
        let error = error.unwrap_err();
        println!("{what}: {error} {:?} {error:?}", error.kind());
    }
    let path = Path::new("a/one");
    println!("{} {} {} {:?}", path.exists(), path.is_file(), path.is_dir(), path.try_exists());
    println!("{}", fs::canonicalize("a/../a/one")?.ends_with("a/one"));
    println!("{}", std::path::absolute("x/./y")? == std::env::current_dir()?.join("x/y"));
    fs::remove_dir_all("a")?;
    println!("{}", Path::new("a").exists());
    Ok(())
}
