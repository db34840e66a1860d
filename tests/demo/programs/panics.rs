//! A panic.
fn main() {
    print!("printed before, ");
    println!("as a line");
    let numbers = vec![1, 2, 3];
    let place = std::env::args().count() + 10;
    println!("{}", numbers[place]);
}
