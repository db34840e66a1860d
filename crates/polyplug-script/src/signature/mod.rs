//! The shape of a function, as a script declares it in a string, and the C layout that follows from it.

mod parse;

use std::fmt;
use std::mem::{align_of, size_of};

use polyplug_abi::types::{ArrayView, Buffer, StringView};

pub use parse::{MAX_BYTES, MAX_DEPTH, MAX_MEMBERS, SignatureError};

/// A type of a parameter, of a field, or of what is returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `u8`
    U8,
    /// `u16`
    U16,
    /// `u32`
    U32,
    /// `u64`
    U64,
    /// `i8`
    I8,
    /// `i16`
    I16,
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// `bool`: one byte, 0 or 1
    Bool,
    /// `string`: a [`StringView`]
    String,
    /// `bytes`: a [`Buffer`]
    Bytes,
    /// `[T]`: an [`ArrayView`]
    Array(Box<Type>),
    /// `{name:T,…}`: a C struct
    Struct(Struct),
}

/// Fields laid out as C does it: in order, each at the next multiple of its alignment, the whole rounded up to the
/// largest of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Struct {
    fields: Vec<Field>,
    size: usize,
    align: usize,
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name; empty for a parameter without one.
    pub name: Box<str>,
    /// Its type.
    pub kind: Type,
    /// Where it begins, in bytes from the start of the struct.
    pub offset: usize,
}

/// The parameters of a function and what it returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The function's name, for messages; empty if it was not given.
    pub name: Box<str>,
    /// The parameters, laid out as `args` has them.
    pub params: Struct,
    /// What is returned, if anything is.
    pub result: Option<Type>,
}

impl Type {
    /// The size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
            Self::String => size_of::<StringView>(),
            Self::Bytes => size_of::<Buffer>(),
            Self::Array(_) => size_of::<ArrayView>(),
            Self::Struct(inner) => inner.size,
        }
    }

    /// The alignment in bytes.
    #[must_use]
    pub fn align(&self) -> usize {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::U16 | Self::I16 => align_of::<u16>(),
            Self::U32 | Self::I32 => align_of::<u32>(),
            Self::F32 => align_of::<f32>(),
            Self::U64 | Self::I64 => align_of::<u64>(),
            Self::F64 => align_of::<f64>(),
            Self::String => align_of::<StringView>(),
            Self::Bytes => align_of::<Buffer>(),
            Self::Array(_) => align_of::<ArrayView>(),
            Self::Struct(inner) => inner.align,
        }
    }
}

impl Struct {
    /// Lays fields out.
    #[must_use]
    pub fn new(members: impl IntoIterator<Item = (Box<str>, Type)>) -> Self {
        let mut made = Self { fields: Vec::new(), size: 0, align: 1 };
        for (name, kind) in members {
            let align = kind.align();
            let offset = made.size.next_multiple_of(align);
            made.size = offset + kind.size();
            made.align = made.align.max(align);
            made.fields.push(Field { name, kind, offset });
        }
        made.size = made.size.next_multiple_of(made.align);
        made
    }

    /// The fields, in order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The alignment in bytes.
    #[must_use]
    pub fn align(&self) -> usize {
        self.align
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Bool => "bool",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::Array(item) => return write!(f, "[{item}]"),
            Self::Struct(inner) => return members(f, '{', &inner.fields, '}'),
        })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        members(f, '(', &self.params.fields, ')')?;
        match &self.result {
            Some(kind) => write!(f, "->{kind}"),
            None => Ok(()),
        }
    }
}

fn members(f: &mut fmt::Formatter<'_>, open: char, fields: &[Field], close: char) -> fmt::Result {
    write!(f, "{open}")?;
    for (place, field) in fields.iter().enumerate() {
        let comma = if place > 0 { "," } else { "" };
        let colon = if field.name.is_empty() { "" } else { ":" };
        write!(f, "{comma}{}{colon}{}", field.name, field.kind)?;
    }
    write!(f, "{close}")
}
