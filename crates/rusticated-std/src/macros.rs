//! The macros that core and alloc do not have.

/// Prints to the standard output.
#[macro_export]
macro_rules! print {
    ($($arg:tt)*) => { $crate::io::_print($crate::format_args!($($arg)*)) };
}

/// Prints a line to the standard output.
#[macro_export]
#[allow_internal_unstable(format_args_nl)]
macro_rules! println {
    () => { $crate::io::_print($crate::format_args!("\n")) };
    ($($arg:tt)*) => { $crate::io::_print($crate::format_args_nl!($($arg)*)) };
}

/// Prints to the standard error.
#[macro_export]
macro_rules! eprint {
    ($($arg:tt)*) => { $crate::io::_eprint($crate::format_args!($($arg)*)) };
}

/// Prints a line to the standard error.
#[macro_export]
#[allow_internal_unstable(format_args_nl)]
macro_rules! eprintln {
    () => { $crate::io::_eprint($crate::format_args!("\n")) };
    ($($arg:tt)*) => { $crate::io::_eprint($crate::format_args_nl!($($arg)*)) };
}

/// Prints an expression and its value to the standard error, and gives the value.
#[macro_export]
macro_rules! dbg {
    () => { $crate::eprintln!("[{}:{}:{}]", $crate::file!(), $crate::line!(), $crate::column!()) };
    ($value:expr $(,)?) => {
        match $value {
            value => {
                $crate::eprintln!("[{}:{}:{}] {} = {:#?}",
                    $crate::file!(), $crate::line!(), $crate::column!(), $crate::stringify!($value), &value);
                value
            }
        }
    };
    ($($value:expr),+ $(,)?) => { ($($crate::dbg!($value)),+,) };
}

/// Values that each thread has its own of; see [`crate::thread::LocalKey`].
#[macro_export]
macro_rules! thread_local {
    () => {};
    ($(#[$about:meta])* $vis:vis static $name:ident: $type:ty = const $value:block $(; $($rest:tt)*)?) => {
        $(#[$about])*
        $vis const $name: $crate::thread::LocalKey<$type> = $crate::__thread_local!($type, $value);
        $($crate::thread_local!($($rest)*);)?
    };
    ($(#[$about:meta])* $vis:vis static $name:ident: $type:ty = $value:expr $(; $($rest:tt)*)?) => {
        $(#[$about])*
        $vis const $name: $crate::thread::LocalKey<$type> = $crate::__thread_local!($type, $value);
        $($crate::thread_local!($($rest)*);)?
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __thread_local {
    ($type:ty, $value:expr) => {{
        fn place() -> &'static $crate::thread::LocalPlace<$type> {
            static PLACE: $crate::thread::LocalPlace<$type> = $crate::thread::LocalPlace::new();
            &PLACE
        }
        fn value() -> $type {
            $value
        }
        $crate::thread::LocalKey::new(place, value)
    }};
}
