//! A main that fails.
#[derive(Debug)]
enum Problem {
    Number(#[allow(dead_code)] std::num::ParseIntError),
}

fn main() -> Result<(), Problem> {
    println!("begins");
    "x".parse::<u32>().map_err(Problem::Number)?;
    Ok(())
}
