//! Numbers: core's, and the methods of floating-point numbers that need no C library.
pub use core::num::*;

macro_rules! methods {
    ($type:ident; $($(#[$about:meta])* $name:ident($($argument:ident: $kind:ty),*);)*) => {
        impl $type {
            $(
                $(#[$about])*
                #[rustc_allow_incoherent_impl]
                #[must_use]
                #[inline]
                pub fn $name(self $(, $argument: $kind)*) -> Self {
                    core::$type::math::$name(self $(, $argument)*)
                }
            )*

            /// What is behind the point, with the sign.
            #[rustc_allow_incoherent_impl]
            #[must_use]
            #[inline]
            pub fn fract(self) -> Self {
                self - self.trunc()
            }

            /// The remainder of the division that rounds down for positive divisors and up for negative ones.
            #[rustc_allow_incoherent_impl]
            #[must_use]
            #[inline]
            pub fn rem_euclid(self, divisor: Self) -> Self {
                let rest = self % divisor;
                if rest < 0.0 { rest + divisor.abs() } else { rest }
            }
        }
    };
}

macro_rules! both {
    ($($type:ident)*) => {$(
        methods! {
            $type;
            /// The largest whole number that is not above.
            floor();
            /// The smallest whole number that is not below.
            ceil();
            /// The nearest whole number; from the middle, away from zero.
            round();
            /// The nearest whole number; from the middle, the even one.
            round_ties_even();
            /// The whole number towards zero.
            trunc();
            /// The square root; NaN below zero.
            sqrt();
            /// The cube root.
            cbrt();
            /// This times a factor plus a summand, rounded once.
            mul_add(factor: Self, summand: Self);
            /// This to the power of a whole number.
            powi(exponent: i32);
        }
    )*};
}

both!(f32 f64);
