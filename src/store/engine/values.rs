//! The values of parameters and columns. They borrow their content, so that a statement does not copy its parameters.

use crate::domain::{Error, Result};

/// A parameter, or a column of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// SQL's `NULL`.
    Null,
    /// A number, a time in Unix seconds, or a Boolean as 0 or 1.
    Integer(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl Value<'_> {
    /// The internal error for a column whose value does not have the type `wanted`.
    pub fn misread(self, wanted: &str) -> Error {
        let found = match self {
            Self::Null => "null",
            Self::Integer(_) => "a number",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        };
        Error::internal(format_args!("a column holds {found} in place of {wanted}"))
    }

    /// The text of a column.
    ///
    /// # Errors
    /// `Internal` when it is not text.
    pub fn text(&self) -> Result<&str> {
        if let Self::Text(text) = self { Ok(text) } else { Err(self.misread("text")) }
    }
}

/// A type that can be a parameter of a statement.
pub trait ToValue {
    /// The value as it is stored in the database.
    fn to_value(&self) -> Value<'_>;
}

/// A type that can be read from a column.
pub trait FromValue: Sized {
    /// Converts a stored value.
    ///
    /// # Errors
    /// `Internal` when the value has another type.
    fn from_value(value: Value<'_>) -> Result<Self>;
}

impl ToValue for i64 {
    fn to_value(&self) -> Value<'_> {
        Value::Integer(*self)
    }
}

impl FromValue for i64 {
    fn from_value(value: Value<'_>) -> Result<Self> {
        if let Value::Integer(number) = value { Ok(number) } else { Err(value.misread("a number")) }
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value<'_> {
        Value::Integer((*self).into())
    }
}

impl FromValue for bool {
    fn from_value(value: Value<'_>) -> Result<Self> {
        i64::from_value(value).map(|number| number != 0)
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl FromValue for String {
    fn from_value(value: Value<'_>) -> Result<Self> {
        value.text().map(ToOwned::to_owned)
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value<'_>) -> Result<Self> {
        if let Value::Blob(bytes) = value { Ok(bytes.to_owned()) } else { Err(value.misread("bytes")) }
    }
}

impl<const LENGTH: usize> ToValue for [u8; LENGTH] {
    fn to_value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl<const LENGTH: usize> FromValue for [u8; LENGTH] {
    fn from_value(value: Value<'_>) -> Result<Self> {
        let bytes = if let Value::Blob(bytes) = value { bytes.try_into().ok() } else { None };
        bytes.ok_or_else(|| value.misread(&format!("{LENGTH} bytes")))
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value<'_>) -> Result<Self> {
        if value == Value::Null { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value<'_> {
        (*self).to_value()
    }
}

/// The parameters of a statement, `?1` first: a tuple, an array or a list of values; `()` for none.
pub trait Params {
    /// Calls `run` with the values, without a heap allocation if their number is known at compile time.
    fn with<T>(&self, run: impl FnOnce(&[Value<'_>]) -> T) -> T;
}

impl Params for () {
    fn with<T>(&self, run: impl FnOnce(&[Value<'_>]) -> T) -> T {
        run(&[])
    }
}

impl<V: ToValue, const COUNT: usize> Params for [V; COUNT] {
    fn with<T>(&self, run: impl FnOnce(&[Value<'_>]) -> T) -> T {
        run(&self.each_ref().map(ToValue::to_value))
    }
}

impl<V: ToValue> Params for Vec<V> {
    fn with<T>(&self, run: impl FnOnce(&[Value<'_>]) -> T) -> T {
        run(&self.iter().map(ToValue::to_value).collect::<Vec<_>>())
    }
}

macro_rules! tuples {
    ($first:ident $($rest:ident)*) => {
        impl<$first: ToValue, $($rest: ToValue),*> Params for ($first, $($rest),*) {
            #[allow(non_snake_case)] // the type parameters also name the values
            fn with<R>(&self, run: impl FnOnce(&[Value<'_>]) -> R) -> R {
                let ($first, $($rest),*) = self;
                run(&[$first.to_value(), $($rest.to_value()),*])
            }
        }
        tuples! { $($rest)* }
    };
    () => {};
}

tuples! { A B C D E F G H I J K L M N O P }

/// A column of a row: its name, or its index from 0.
pub trait Column: rusqlite::RowIndex {}

impl Column for &str {}
impl Column for usize {}

/// A row of a query result.
pub struct Row<'r>(&'r rusqlite::Row<'r>);

impl<'r> Row<'r> {
    pub(super) const fn of(row: &'r rusqlite::Row<'r>) -> Self {
        Self(row)
    }

    /// The value of a column.
    ///
    /// # Errors
    /// `Internal` when there is no such column, or its value has another type.
    pub fn get<T: FromValue>(&self, column: impl Column) -> Result<T> {
        use rusqlite::types::ValueRef;
        T::from_value(match self.0.get_ref(column).map_err(Error::internal)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Text(text) => Value::Text(std::str::from_utf8(text).map_err(Error::internal)?),
            ValueRef::Blob(bytes) => Value::Blob(bytes),
            ValueRef::Real(_) => return Err(Error::internal("a column holds a fraction")),
        })
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::ValueRef;
        Ok(rusqlite::types::ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_reads_back_and_a_wrong_type_is_an_error() {
        assert_eq!(i64::from_value(7.to_value()), Ok(7));
        assert_eq!(bool::from_value(true.to_value()), Ok(true));
        assert_eq!(String::from_value("é".to_value()), Ok("é".to_owned()));
        assert_eq!(Vec::from_value([1_u8, 2].to_value()), Ok(vec![1, 2]));
        assert_eq!(<[u8; 2]>::from_value(vec![1_u8, 2].to_value()), Ok([1, 2]));
        assert_eq!(Option::<i64>::from_value(None::<i64>.to_value()), Ok(None));
        assert_eq!(Option::from_value(Some("a").to_value()), Ok(Some("a".to_owned())));
        for bad in [i64::from_value(Value::Null), i64::from_value(Value::Text("7"))] {
            assert!(matches!(bad, Err(Error::Internal(_))), "{bad:?}");
        }
        assert!(String::from_value(Value::Blob(b"a")).is_err());
        assert!(<[u8; 2]>::from_value(Value::Blob(b"abc")).is_err());
        assert!(Option::<bool>::from_value(Value::Text("true")).is_err());
    }

    #[test]
    fn parameters_keep_their_order() {
        let all = ("a", 2, None::<i64>, [3_u8]).with(|values| format!("{values:?}"));
        assert_eq!(all, "[Text(\"a\"), Integer(2), Null, Blob([3])]");
        assert_eq!(["a", "b"].with(|values| values.len()), 2);
        assert_eq!(vec![1, 2, 3].with(|values| values.len()), 3);
        assert_eq!(().with(|values| values.len()), 0);
    }
}
