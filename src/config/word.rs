//! Words out of a fixed list.

use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error, IntoDeserializer, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Reads a unit enum from a string; anything else is refused with the list of words.
///
/// # Errors
/// What the format reports, with the words that there are.
pub fn deserialize<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(Word(PhantomData))
}

/// As [`deserialize`], for a key that may be left out.
///
/// # Errors
/// As [`deserialize`].
pub fn deserialize_some<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    deserialize(deserializer).map(Some)
}

/// As [`deserialize`], for a list of words.
///
/// # Errors
/// As [`deserialize`], for the first that is none of the words.
pub fn deserialize_list<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let items = Vec::<Item<T>>::deserialize(deserializer)?;
    Ok(items.into_iter().map(|Item(word)| word).collect())
}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Item<T>(#[serde(deserialize_with = "deserialize")] T);

struct Word<T>(PhantomData<T>);

impl<T: DeserializeOwned> Visitor<'_> for Word<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a word in quotes")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<T, E> {
        let word: StrDeserializer<E> = word.into_deserializer();
        T::deserialize(word)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<T, E> {
        self.visit_str(&flag.to_string())
    }
}
