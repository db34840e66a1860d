//! An API as the generators see it: checked, every name resolved, every type with its layout in C.

use polyplug_abi::types::Version;

/// What an `api.toml` declares.
#[derive(Clone, Debug, Default)]
pub struct Api {
    /// The structs, in an order in which each comes after those that it is made of.
    pub structs: Vec<Struct>,
    /// The enumerations.
    pub enums: Vec<Enum>,
    /// What bundles provide.
    pub guest_contracts: Vec<Contract>,
    /// What the host provides.
    pub host_contracts: Vec<Contract>,
}

/// A struct.
#[derive(Clone, Debug)]
pub struct Struct {
    /// Its name, in upper camel case.
    pub name: String,
    /// What it is for.
    pub docs: String,
    /// Its fields, in order; at least one.
    pub fields: Vec<Field>,
    /// Bytes, on 64-bit targets.
    pub size: usize,
    /// Alignment, on 64-bit targets.
    pub align: usize,
}

/// A field of a struct or a parameter of a function.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name, in lower snake case.
    pub name: String,
    /// What it is for.
    pub docs: String,
    /// Its type.
    pub ty: Type,
}

/// An enumeration.
#[derive(Clone, Debug)]
pub struct Enum {
    /// Its name, in upper camel case.
    pub name: String,
    /// What it is for.
    pub docs: String,
    /// The integer that it crosses the boundary as.
    pub repr: Number,
    /// Its variants; at least one.
    pub variants: Vec<Variant>,
}

/// One of the values of an enumeration.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its name, in upper camel case.
    pub name: String,
    /// What it means.
    pub docs: String,
    /// Its number.
    pub value: u64,
}

/// A contract.
#[derive(Clone, Debug)]
pub struct Contract {
    /// Its full name, as in `image.Painter`.
    pub contract: String,
    /// The last part of that: what it is called in generated code.
    pub name: String,
    /// What it is for.
    pub docs: String,
    /// Its version.
    pub version: Version,
    /// Whether there is one instance for all callers.
    pub singleton: bool,
    /// Its functions; each one's number is its place.
    pub functions: Vec<Function>,
}

/// A function of a contract.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name, in lower snake case.
    pub name: String,
    /// What it does.
    pub docs: String,
    /// Its parameters.
    pub params: Vec<Field>,
    /// What it gives back.
    pub result: Option<Type>,
}

impl Function {
    /// What its parameters are called.
    pub(crate) fn param_names(&self) -> Vec<String> {
        self.params.iter().map(|param| param.name.clone()).collect()
    }
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A number.
    Number(Number),
    /// True or false, in one byte.
    Bool,
    /// UTF-8 text.
    String,
    /// Bytes.
    Bytes,
    /// Any number of one type.
    Array(Box<Type>),
    /// A struct, by its place in [`Api::structs`].
    Struct(usize),
    /// An enumeration, by its place in [`Api::enums`].
    Enum(usize),
}

/// The types of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Number {
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F32,
    F64,
}

impl Number {
    /// All of them.
    pub const ALL: [Self; 10] =
        [Self::U8, Self::U16, Self::U32, Self::U64, Self::I8, Self::I16, Self::I32, Self::I64, Self::F32, Self::F64];

    /// What `api.toml`, Rust and signatures call it.
    pub const fn name(self) -> &'static str {
        match self {
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
        }
    }

    /// What C calls it.
    pub const fn c_name(self) -> &'static str {
        match self {
            Self::U8 => "uint8_t",
            Self::U16 => "uint16_t",
            Self::U32 => "uint32_t",
            Self::U64 => "uint64_t",
            Self::I8 => "int8_t",
            Self::I16 => "int16_t",
            Self::I32 => "int32_t",
            Self::I64 => "int64_t",
            Self::F32 => "float",
            Self::F64 => "double",
        }
    }

    /// Its size, which is its alignment.
    pub const fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
        }
    }
}

impl Api {
    /// Size and alignment of a type in C, on 64-bit targets.
    pub fn layout(&self, ty: &Type) -> (usize, usize) {
        match ty {
            Type::Number(number) => (number.size(), number.size()),
            Type::Bool => (1, 1),
            Type::String | Type::Bytes | Type::Array(_) => (16, 8),
            Type::Struct(index) => (self.structs[*index].size, self.structs[*index].align),
            Type::Enum(index) => (self.enums[*index].repr.size(), self.enums[*index].repr.size()),
        }
    }

    /// Size and alignment of a C struct of these fields.
    pub(crate) fn struct_layout(&self, fields: &[Field]) -> (usize, usize) {
        let (mut size, mut align) = (0_usize, 1);
        for field in fields {
            let (field_size, field_align) = self.layout(&field.ty);
            size = size.next_multiple_of(field_align) + field_size;
            align = align.max(field_align);
        }
        (size.next_multiple_of(align), align)
    }

    /// Whether every pattern of bits is a value of the type, and none of its bits is an address.
    pub fn is_plain(&self, ty: &Type) -> bool {
        matches!(ty, Type::Number(_))
    }

    /// Whether an enumeration is in a value of the type, whose numbers somebody has to check.
    pub(crate) fn has_enum(&self, ty: &Type) -> bool {
        match ty {
            Type::Enum(_) => true,
            Type::Array(item) => self.has_enum(item),
            Type::Struct(index) => self.structs[*index].fields.iter().any(|field| self.has_enum(&field.ty)),
            Type::Number(_) | Type::Bool | Type::String | Type::Bytes => false,
        }
    }

    /// The type as `api.toml` writes it.
    pub fn type_name(&self, ty: &Type) -> String {
        match ty {
            Type::Number(number) => number.name().to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::String => "StringView".to_owned(),
            Type::Bytes => "Buffer".to_owned(),
            Type::Array(item) => format!("Array<{}>", self.type_name(item)),
            Type::Struct(index) => self.structs[*index].name.clone(),
            Type::Enum(index) => self.enums[*index].name.clone(),
        }
    }

    /// The type as signatures write it.
    pub fn type_signature(&self, ty: &Type) -> String {
        match ty {
            Type::Number(number) => number.name().to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::String => "string".to_owned(),
            Type::Bytes => "bytes".to_owned(),
            Type::Array(item) => format!("[{}]", self.type_signature(item)),
            Type::Struct(index) => {
                let fields = &self.structs[*index].fields;
                let field = |field: &Field| format!("{}:{}", field.name, self.type_signature(&field.ty));
                format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(","))
            }
            Type::Enum(index) => self.enums[*index].repr.name().to_owned(),
        }
    }

    /// The function's signature, for languages that have no C types.
    pub fn signature(&self, function: &Function) -> String {
        let param = |param: &Field| format!("{}:{}", param.name, self.type_signature(&param.ty));
        let params = function.params.iter().map(param).collect::<Vec<_>>().join(",");
        let result = function.result.as_ref().map(|ty| format!("->{}", self.type_signature(ty)));
        format!("{}({params}){}", function.name, result.unwrap_or_default())
    }

    /// Every contract, those of guests first.
    pub fn contracts(&self) -> impl Iterator<Item = &Contract> {
        self.guest_contracts.iter().chain(&self.host_contracts)
    }
}
