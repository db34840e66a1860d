//! What the functions of the host take and give beside numbers and bytes.

/// The address of a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Address {
    /// 4 or 6.
    pub family: u16,
    /// As a number: nothing is swapped.
    pub port: u16,
    /// IPv6's flow information.
    pub flow: u32,
    /// IPv6's scope.
    pub scope: u32,
    /// Four bytes, or sixteen.
    pub ip: [u8; 16],
}

/// What is known of a file. Times are nanoseconds since 1970 or [`super::UNKNOWN`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Metadata {
    /// Bytes.
    pub length: u64,
    /// When it was last changed.
    pub modified: i64,
    /// When it was last read.
    pub accessed: i64,
    /// When it was made.
    pub created: i64,
    /// 1 for a file, 2 for a folder, 3 for a symbolic link, 0 for anything else.
    pub kind: u32,
    /// Unix's permission bits.
    pub mode: u32,
}

/// A program to start: first what the module asks for, then what the host answers.
#[derive(Debug)]
#[repr(C)]
pub struct Spawn {
    /// A path, or a name to be looked for.
    pub program: *const u8,
    /// Bytes.
    pub program_length: usize,
    /// Those after the program's name, each with a NUL byte after it.
    pub arguments: *const u8,
    /// Bytes.
    pub arguments_length: usize,
    /// `NAME=value`, each with a NUL byte after it: all that the child has.
    pub variables: *const u8,
    /// Bytes.
    pub variables_length: usize,
    /// Where it is started; null is the module's own folder.
    pub folder: *const u8,
    /// Bytes.
    pub folder_length: usize,
    /// A handle for each standard stream, or one of the constants.
    pub streams: [i32; 3],
    /// Answer: the child's handle.
    pub child: i32,
    /// Answer: the number that the system knows it by.
    pub id: u32,
    /// Answer: our ends of the pipes that were asked for, else -1.
    pub pipes: [i32; 3],
}

impl Spawn {
    /// The stream is ours.
    pub const INHERIT: i32 = -1;
    /// The stream leads nowhere.
    pub const NULL: i32 = -2;
    /// The stream leads to us through a pipe.
    pub const PIPED: i32 = -3;
}

#[cfg(target_family = "wasm")]
const _: () = {
    assert!(size_of::<Address>() == 28);
    assert!(size_of::<Metadata>() == 40);
    assert!(size_of::<Spawn>() == 64);
};
