//! Reads values as the many writers of traces write them: whole numbers as floats, null for what is not known, text with
//! broken UTF-8.

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde_json::Number;
use std::fmt;

/// Reads a whole number that is not negative; one that is counts as 0.
pub(super) fn count<'de, D: Deserializer<'de>, T: TryFrom<u64>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(None) };
    let rounded = || number.as_f64().map_or(0, |float| float.round() as u64);
    let value = number.as_u64().unwrap_or_else(rounded);
    T::try_from(value).map(Some).map_err(|_| D::Error::custom(format_args!("the number {number} is too large")))
}

/// Reads a whole number; a float loses what is behind its point.
pub(super) fn whole<'de, D: Deserializer<'de>, T: TryFrom<i64>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(None) };
    let value = number.as_i64().unwrap_or_else(|| number.as_f64().map_or(0, |float| float.floor() as i64));
    T::try_from(value).map(Some).map_err(|_| D::Error::custom(format_args!("the number {number} is out of range")))
}

/// Reads text; a list of texts is joined by spaces.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Text>::deserialize(deserializer)?.map(|text| text.0))
}

struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As bytes, text may hold half a surrogate pair, as Python writes bytes that are no UTF-8.
        deserializer.deserialize_bytes(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Text, E> {
        Ok(Text(String::from_utf8_lossy(bytes).into_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Text, A::Error> {
        let mut texts = Vec::new();
        while let Some(Text(text)) = sequence.next_element()? {
            texts.push(text);
        }
        Ok(Text(texts.join(" ")))
    }
}
