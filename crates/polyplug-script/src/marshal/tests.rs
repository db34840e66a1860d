//! The walk over types, with a machine whose values are an enumeration: what is written is read again, and what does not
//! fit is refused with its place.
// It calls what reads and writes memory of the C ABI.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::convert::Infallible;

use polyplug::Arena;
use polyplug_abi::types::{ArrayView, Buffer, StringView};
use polyplug_abi::{AbiErrorCode, CallArena};
use proptest::prelude::*;
use proptest::strategy::Union;

use super::*;
use crate::signature::{Signature, Type};

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Nothing,
    Whole(i128),
    Real(f64),
    Bool(bool),
    Text(Vec<u8>),
    Bytes(Vec<u8>),
    Array(std::cell::RefCell<Vec<Value>>),
    Object(std::cell::RefCell<BTreeMap<String, Value>>),
}

struct Model;

impl Machine for Model {
    type Value = Value;
    type Error = Infallible;

    fn make_small(&self, value: i64) -> Value {
        Value::Whole(value.into())
    }
    fn make_i64(&self, value: i64) -> Result<Value, Infallible> {
        Ok(Value::Whole(value.into()))
    }
    fn make_u64(&self, value: u64) -> Result<Value, Infallible> {
        Ok(Value::Whole(value.into()))
    }
    fn make_f64(&self, value: f64) -> Value {
        Value::Real(value)
    }
    fn make_bool(&self, value: bool) -> Value {
        Value::Bool(value)
    }
    fn make_text(&self, text: &str) -> Result<Value, Infallible> {
        Ok(Value::Text(text.into()))
    }
    fn make_bytes(&self, bytes: &[u8]) -> Result<Value, Infallible> {
        Ok(Value::Bytes(bytes.into()))
    }
    fn make_array(&self, _: usize) -> Result<Value, Infallible> {
        Ok(Value::Array(Vec::new().into()))
    }
    fn set_item(&self, array: &Value, place: usize, item: Value) -> Result<(), Infallible> {
        let Value::Array(items) = array else { unreachable!("made by make_array") };
        assert_eq!(items.borrow().len(), place);
        items.borrow_mut().push(item);
        Ok(())
    }
    fn make_object(&self, _: &Struct) -> Result<Value, Infallible> {
        Ok(Value::Object(BTreeMap::new().into()))
    }
    fn set_field(&self, object: &Value, name: &str, value: Value) -> Result<(), Infallible> {
        let Value::Object(fields) = object else { unreachable!("made by make_object") };
        fields.borrow_mut().insert(name.to_owned(), value);
        Ok(())
    }
    fn type_name(&self, value: &Value) -> &'static str {
        match value {
            Value::Nothing => "nothing",
            Value::Whole(_) | Value::Real(_) => "number",
            Value::Bool(_) => "boolean",
            Value::Text(_) => "text",
            Value::Bytes(_) => "bytes",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
    }
    fn number(&self, value: &Value, _: bool) -> Option<Number> {
        match value {
            Value::Whole(number) => Some(Number::Whole(*number)),
            Value::Real(number) => Some(Number::Other(*number)),
            _ => None,
        }
    }
    fn real(&self, value: &Value) -> Option<f64> {
        match value {
            Value::Whole(number) => Some(*number as f64),
            Value::Real(number) => Some(*number),
            _ => None,
        }
    }
    fn boolean(&self, value: &Value) -> Option<bool> {
        if let Value::Bool(value) = value { Some(*value) } else { None }
    }
    fn text<R>(&self, value: &Value, with: impl FnOnce(&[u8]) -> R) -> Result<Option<R>, Infallible> {
        Ok(if let Value::Text(text) = value { Some(with(text)) } else { None })
    }
    fn bytes<R>(&self, value: &Value, with: impl FnOnce(&[u8]) -> R) -> Result<Option<R>, Infallible> {
        Ok(if let Value::Bytes(bytes) = value { Some(with(bytes)) } else { None })
    }
    fn item_count(&self, value: &Value) -> Result<Option<usize>, Infallible> {
        Ok(if let Value::Array(items) = value { Some(items.borrow().len()) } else { None })
    }
    fn item(&self, array: &Value, place: usize) -> Result<Value, Infallible> {
        let Value::Array(items) = array else { unreachable!("an array was asked for") };
        Ok(items.borrow().get(place).cloned().unwrap_or(Value::Nothing))
    }
    fn is_object(&self, value: &Value) -> bool {
        matches!(value, Value::Object(_))
    }
    fn field(&self, object: &Value, name: &str) -> Result<Option<Value>, Infallible> {
        let Value::Object(fields) = object else { unreachable!("an object was asked for") };
        Ok(fields.borrow().get(name).cloned())
    }
    fn field_beside(&self, object: &Value, fields: &Struct) -> Result<Option<String>, Infallible> {
        let Value::Object(there) = object else { unreachable!("an object was asked for") };
        let there = there.borrow();
        Ok(there.keys().find(|name| fields.fields().iter().all(|field| *field.name != ***name)).cloned())
    }
}

/// Memory for a value of the type, at the alignment of everything that there is.
struct Room(Vec<u128>);

impl Room {
    fn of(kind: &Type) -> Self {
        // Not zero: what is not written is seen.
        Self(vec![u128::MAX / 3; kind.size().div_ceil(16)])
    }
    fn start(&mut self) -> *mut u8 {
        self.0.as_mut_ptr().cast()
    }
}

fn written(kind: &Type, value: &Value) -> Result<Value, String> {
    let mut room = Room::of(kind);
    let mut arena = Arena::new();
    // SAFETY: room of the type's size, and an arena of our own.
    unsafe { value_to_c(&Model, kind, value, room.start(), &mut *arena.as_mut_ptr()) }.map_err(words)?;
    // SAFETY: written just now, with views into the arena.
    unsafe { value_from_c(&Model, kind, room.start()) }.map_err(words)
}

fn words(failure: Failure<Infallible>) -> String {
    let Reason::Value(error) = failure.reason();
    error.fault("value").message
}

fn kind(text: &str) -> Type {
    format!("()->{text}").parse::<Signature>().expect("a signature").result.expect("a result")
}

fn kinds() -> impl Strategy<Value = Type> {
    let leaves = "u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 bool string bytes";
    let leaf = Union::new(leaves.split(' ').map(|name| Just(kind(name))));
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            inner.clone().prop_map(|item| Type::Array(Box::new(item))),
            proptest::collection::vec(inner, 1..5).prop_map(|kinds| {
                let named = kinds.into_iter().enumerate().map(|(place, kind)| (format!("f{place}").into(), kind));
                Type::Struct(Struct::new(named))
            }),
        ]
    })
}

fn values(kind: &Type) -> BoxedStrategy<Value> {
    fn whole<T: Arbitrary + Into<i128> + 'static>() -> BoxedStrategy<Value> {
        any::<T>().prop_map(|number| Value::Whole(number.into())).boxed()
    }
    match kind {
        Type::U8 => whole::<u8>(),
        Type::U16 => whole::<u16>(),
        Type::U32 => whole::<u32>(),
        Type::U64 => whole::<u64>(),
        Type::I8 => whole::<i8>(),
        Type::I16 => whole::<i16>(),
        Type::I32 => whole::<i32>(),
        Type::I64 => whole::<i64>(),
        Type::F32 => any::<f32>().prop_map(|number| Value::Real(number.into())).boxed(),
        Type::F64 => any::<f64>().prop_map(Value::Real).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::String => any::<String>().prop_map(|text| Value::Text(text.into())).boxed(),
        Type::Bytes => any::<Vec<u8>>().prop_map(Value::Bytes).boxed(),
        Type::Array(item) => {
            proptest::collection::vec(values(item), 0..4).prop_map(|items| Value::Array(items.into())).boxed()
        }
        Type::Struct(inner) => inner
            .fields()
            .iter()
            .map(|field| {
                let name = field.name.to_string();
                values(&field.kind).prop_map(move |value| (name.clone(), value))
            })
            .collect::<Vec<_>>()
            .prop_map(|fields| Value::Object(fields.into_iter().collect::<BTreeMap<_, _>>().into()))
            .boxed(),
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        (kind, value) in kinds().prop_flat_map(|kind| { let value = values(&kind); (Just(kind), value) })
    ) {
        prop_assert_eq!(written(&kind, &value).expect("it fits"), value);
    }

    #[test]
    fn a_type_is_shown_as_it_is_read(shown in kinds()) {
        prop_assert_eq!(kind(&shown.to_string()), shown);
    }

    #[test]
    fn a_value_of_another_type_is_refused_or_fits(
        (kind, value) in (kinds(), kinds().prop_flat_map(|kind| values(&kind)))
    ) {
        // No outcome is wrong but a crash, and memory that was not written.
        let _ = written(&kind, &value);
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    let object = |fields: &[(&str, Value)]| {
        let fields: BTreeMap<_, _> = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Value::Object(fields.into())
    };
    for (text, value, message) in [
        ("u8", Value::Whole(256), "value: 256 is no u8; it may be 0 to 255"),
        ("i8", Value::Whole(-129), "value: -129 is no i8; it may be -128 to 127"),
        ("u32", Value::Real(3.5), "value: 3.5 is no u32; it may be a whole number, 0 to 4294967295"),
        ("bool", Value::Whole(1), "value: number where bool should be"),
        ("string", Value::Nothing, "value: nothing where string should be"),
        ("string", Value::Text(vec![0xFF]), "value: a string is not UTF-8"),
        ("[u8]", Value::Array(vec![Value::Whole(1), Value::Nothing].into()), "value[1]: nothing where u8 should be"),
        ("{a:u8,b:u8}", object(&[("a", Value::Whole(1))]), "value: the field `b` of {a:u8,b:u8} is missing"),
        ("{a:u8}", object(&[("a", Value::Whole(1)), ("c", Value::Nothing)]), "value: the field `c` is none of {a:u8}"),
        (
            "[{a:{b:[i16]}}]",
            Value::Array(
                vec![object(&[("a", object(&[("b", Value::Array(vec![Value::Whole(70_000)].into()))]))])].into(),
            ),
            "value[0].a.b[0]: 70000 is no i16",
        ),
    ] {
        let told = written(&kind(text), &value).expect_err("it does not fit");
        assert!(told.starts_with(message), "{told}");
    }
}

#[test]
fn memory_that_cannot_be_a_value_is_refused() {
    fn read<T>(text: &str, value: T) -> String {
        // SAFETY: a value of the type's layout; its views are such as have to be refused before they are read.
        unsafe { value_from_c(&Model, &kind(text), (&raw const value).cast()) }.map_err(words).expect_err("not a value")
    }
    assert_eq!(read("bool", 2_u8), "value: a bool is 2; it may be 0 or 1");
    let text = [0xC3_u8, 0x28];
    assert!(read("string", StringView { ptr: text.as_ptr(), len: 2 }).starts_with("value: a string is not UTF-8"));
    for len in [1, usize::MAX] {
        assert!(read("string", StringView { ptr: std::ptr::null(), len }).contains("cannot be where its pointer says"));
        assert!(read("bytes", Buffer { ptr: std::ptr::null(), len }).contains("cannot be where its pointer says"));
        let view = ArrayView { items: std::ptr::null(), len };
        assert!(read("[u8]", view).contains("cannot be where its pointer says"));
    }
    let numbers = [0_u64; 2];
    let start = numbers.as_ptr().cast::<u8>();
    for len in [usize::MAX, usize::MAX / 8, isize::MAX as usize / 8 + 1] {
        let view = ArrayView { items: start.cast(), len };
        assert!(read("[u64]", view).contains("cannot be where its pointer says"), "{len}");
    }
    let askew = ArrayView { items: start.wrapping_add(1).cast(), len: 1 };
    assert_eq!(read("[u64]", askew), "value: an array of u64 is not aligned to 8 bytes");
}

#[test]
fn an_arena_without_room_is_told() {
    let mut room = Room::of(&kind("string"));
    let mut none = CallArena::NONE;
    let value = Value::Text(b"text".to_vec());
    // SAFETY: room of the type's size, and an arena that has none.
    let told = unsafe { value_to_c(&Model, &kind("string"), &value, room.start(), &mut none) };
    let Reason::Value(error) = told.expect_err("no room").reason();
    assert_eq!(error.code, AbiErrorCode::OutOfMemory);
}
