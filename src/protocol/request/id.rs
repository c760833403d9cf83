//! The client's own mark of a request.

use serde::de::{self, Deserializer, Visitor};
use serde::ser::{Error as _, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fmt;

/// The client's own mark of a request, given back as it was.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RequestId {
    /// A number.
    Number(Number),
    /// A string.
    String(String),
}

/// A number as it was written: `1e3` stays `1e3`, and one of 40 digits keeps them all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(Box<str>);

impl RequestId {
    /// Reads the JSON text of a string or a number; None where it is something else.
    #[must_use]
    pub fn from_json(text: &str) -> Option<Self> {
        let valid = serde_json::from_str::<&RawValue>(text).ok()?.get();
        match valid.as_bytes().first()? {
            b'"' => serde_json::from_str(valid).ok().map(Self::String),
            b'-' | b'0'..=b'9' => Some(Self::Number(Number(valid.into()))),
            _ => None,
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(Number(text)) => f.write_str(text),
            Self::String(text) => write!(f, "{}", serde_json::json!(text)),
        }
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self(number.to_string().into())
    }
}

impl From<u64> for RequestId {
    fn from(number: u64) -> Self {
        Self::Number(number.into())
    }
}

impl From<&str> for RequestId {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RequestId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = RequestId;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a string or a number")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<RequestId, E> {
        Ok(number.into())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<RequestId, E> {
        Ok(RequestId::Number(Number(number.to_string().into())))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<RequestId, E> {
        Ok(RequestId::Number(Number(serde_json::json!(number).to_string().into())))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<RequestId, E> {
        Ok(text.into())
    }
}
