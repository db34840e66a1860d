//! Single values of Lua.

use mlua::{Lua, Value};
use polyplug_script::marshal::{Machine, Number};
use polyplug_script::signature::Struct;

use crate::error::LuaError;

/// Makes values of a Lua state and takes them apart. Tables are taken as they are, without metamethods.
#[derive(Clone)]
pub(crate) struct Values(pub(crate) Lua);

/// The least number of which no `u64` and no `i64` is as large.
const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

impl Machine for Values {
    type Value = Value;
    type Error = LuaError;

    #[inline]
    fn make_small(&self, value: i64) -> Value {
        Value::Integer(value)
    }

    fn make_i64(&self, value: i64) -> Result<Value, LuaError> {
        Ok(Value::Integer(value))
    }

    fn make_u64(&self, value: u64) -> Result<Value, LuaError> {
        Ok(Value::Integer(value.cast_signed()))
    }

    fn make_f64(&self, value: f64) -> Value {
        Value::Number(value)
    }

    fn make_bool(&self, value: bool) -> Value {
        Value::Boolean(value)
    }

    fn make_text(&self, text: &str) -> Result<Value, LuaError> {
        Ok(Value::String(self.0.create_string(text)?))
    }

    fn make_bytes(&self, bytes: &[u8]) -> Result<Value, LuaError> {
        Ok(Value::String(self.0.create_string(bytes)?))
    }

    fn make_array(&self, count: usize) -> Result<Value, LuaError> {
        // A count from outside: the table grows as there are items.
        Ok(Value::Table(self.0.create_table_with_capacity(count.min(4_096), 0)?))
    }

    fn set_item(&self, array: &Value, place: usize, item: Value) -> Result<(), LuaError> {
        if let Value::Table(table) = array {
            table.raw_set(place + 1, item)?;
        }
        Ok(())
    }

    fn make_object(&self, fields: &Struct) -> Result<Value, LuaError> {
        Ok(Value::Table(self.0.create_table_with_capacity(0, fields.fields().len())?))
    }

    fn set_field(&self, object: &Value, name: &str, value: Value) -> Result<(), LuaError> {
        if let Value::Table(table) = object {
            table.raw_set(name, value)?;
        }
        Ok(())
    }

    fn type_name(&self, value: &Value) -> &'static str {
        value.type_name()
    }

    fn number(&self, value: &Value, unsigned: bool) -> Option<Number> {
        match *value {
            Value::Integer(number) if unsigned => Some(Number::Whole(number.cast_unsigned().into())),
            Value::Integer(number) => Some(Number::Whole(number.into())),
            Value::Number(number) if number.fract() == 0.0 && number.abs() <= TWO_TO_64 => {
                Some(Number::Whole(number as i128))
            }
            Value::Number(number) => Some(Number::Other(number)),
            _ => None,
        }
    }

    fn real(&self, value: &Value) -> Option<f64> {
        match *value {
            Value::Integer(number) => Some(number as f64),
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    fn boolean(&self, value: &Value) -> Option<bool> {
        value.as_boolean()
    }

    fn text<R>(&self, value: &Value, with: impl FnOnce(&[u8]) -> R) -> Result<Option<R>, LuaError> {
        self.bytes(value, with)
    }

    fn bytes<R>(&self, value: &Value, with: impl FnOnce(&[u8]) -> R) -> Result<Option<R>, LuaError> {
        Ok(value.as_string().map(|text| with(&text.as_bytes())))
    }

    fn item_count(&self, value: &Value) -> Result<Option<usize>, LuaError> {
        let Value::Table(table) = value else { return Ok(None) };
        let count = table.raw_len();
        // A table with other keys only is no sequence.
        if count == 0 && self.first_key(table)?.is_some() {
            return Ok(None);
        }
        Ok(Some(count))
    }

    fn item(&self, array: &Value, place: usize) -> Result<Value, LuaError> {
        match array {
            Value::Table(table) => Ok(table.raw_get(place + 1)?),
            _ => Ok(Value::Nil),
        }
    }

    fn is_object(&self, value: &Value) -> bool {
        value.is_table()
    }

    fn field(&self, object: &Value, name: &str) -> Result<Option<Value>, LuaError> {
        let Value::Table(table) = object else { return Ok(None) };
        let value: Value = table.raw_get(name)?;
        Ok(if value.is_nil() { None } else { Some(value) })
    }

    fn field_beside(&self, object: &Value, fields: &Struct) -> Result<Option<String>, LuaError> {
        let Value::Table(table) = object else { return Ok(None) };
        for pair in table.pairs::<Value, Value>() {
            let (key, _) = pair?;
            let known = key.as_string().is_some_and(|key| {
                let key = key.as_bytes();
                fields.fields().iter().any(|field| field.name.as_bytes() == &*key)
            });
            if !known {
                return Ok(Some(key.to_string().unwrap_or_else(|_| key.type_name().to_owned())));
            }
        }
        Ok(None)
    }
}

impl Values {
    fn first_key(&self, table: &mlua::Table) -> Result<Option<Value>, LuaError> {
        Ok(table.pairs::<Value, Value>().next().transpose()?.map(|(key, _)| key))
    }
}
