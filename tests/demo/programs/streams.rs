//! Reading, writing and buffering.
use std::io::{self, BufRead, BufReader, BufWriter, Cursor, IsTerminal, Read, Seek, SeekFrom, Write};

fn main() -> io::Result<()> {
    let stdin = io::stdin();
    println!("{} {}", stdin.is_terminal(), io::stdout().is_terminal());
    let mut line = String::from("> ");
    println!("{} {line:?}", stdin.read_line(&mut line)?);
    let rest: Vec<String> = stdin.lock().lines().collect::<Result<_, _>>()?;
    println!("{rest:?} {}", io::read_to_string(io::stdin())?.len());

    print!("no newline yet, ");
    eprint!("errors come at once; ");
    eprintln!("{:>5}|{:<5}|{:^5}|{:08.3}|{:#x}|{:?}", 1, 2, 3, 4.5, 255, "q\"\n");
    println!("and now there is one");
    let mut out = io::stdout().lock();
    writeln!(out, "locked {}", 1 + 1)?;
    out.write_all(b"two\nlines\nand a rest")?;
    out.flush()?;
    println!();

    let mut writer = BufWriter::new(Vec::new());
    for number in 0..3000 {
        write!(writer, "{number} ")?;
    }
    let bytes = writer.into_inner().unwrap();
    println!("{}", bytes.len());
    let mut reader = BufReader::with_capacity(16, Cursor::new(bytes));
    let mut word = Vec::new();
    reader.seek(SeekFrom::Start(8))?;
    println!("{} {word:?}", reader.read_until(b' ', &mut word)?);
    let mut parts = Vec::new();
    reader.by_ref().take(10).read_to_end(&mut parts)?;
    println!("{:?}", String::from_utf8_lossy(&parts));
    println!("{:?}", reader.split(b' ').nth(100).unwrap()?);

    let mut cursor = Cursor::new(vec![1, 2, 3]);
    cursor.seek(SeekFrom::End(2))?;
    cursor.write_all(&[9, 9])?;
    println!("{:?}", cursor.get_ref());
    println!("{:?}", cursor.seek(SeekFrom::Current(-100)).map_err(|error| error.to_string()));
    let mut short = [0; 4];
    println!("{:?}", (&b"abc"[..]).read_exact(&mut short).map_err(|error| error.to_string()));
    println!("{:?}", (&mut short[..]).write_all(b"abcdef").map_err(|error| error.to_string()));
    println!("{}", io::copy(&mut io::repeat(b'x').take(100_000), &mut io::sink())?);
    let mut both = String::new();
    b"one".chain(&b" two"[..]).read_to_string(&mut both)?;
    println!("{both} {:?}", b"xy".bytes().collect::<Result<Vec<_>, _>>()?);
    let mut text = String::from("kept");
    println!("{:?} {text}", (&b"\xff"[..]).read_to_string(&mut text).map_err(|error| error.to_string()));
    dbg!(1 + 1, text.len());
    Ok(())
}
