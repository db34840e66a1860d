//! Numbers: what needs no C library.
use std::hint::black_box;

fn main() {
    for number in [0.0, -0.5, 1.5, 2.5, -2.4, 1e300, f64::NAN, -f64::INFINITY, 0.1 + 0.2] {
        let number: f64 = black_box(number);
        println!("{number} {number:e} {number:.3} {:?}", number as f32);
        println!("{} {} {}", number.floor(), number.ceil(), number.round());
        println!("{} {} {}", number.trunc(), number.round_ties_even(), number.fract());
        println!("{} {:.12} {:.12}", number.sqrt(), number.cbrt(), number.powi(3));
        println!("{} {} {}", number.mul_add(2.0, 0.5), number.rem_euclid(0.75), number.abs());
        println!("{:?} {}", number.total_cmp(&1.0), (number as f32).floor());
    }
    println!("{:?} {:?} {:?}", "1e-5".parse::<f64>(), "0x".parse::<i32>(), "300".parse::<u8>());
    println!("{} {} {}", u64::MAX, i128::MIN, u32::MAX.leading_zeros());
    println!("{:?} {:?}", 200u8.checked_add(100), std::num::NonZero::new(5u32));
    println!("{} {}", std::f64::consts::PI, std::i32::MAX);
}
