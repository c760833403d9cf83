//! Sets values in tables that are there, and keeps what stands around them.

use serde_json::{Map, Value};
use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike};

/// The largest number that a float holds exactly with all its neighbours.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Writes the patch's values into the text; those that are there already keep their spelling.
pub(super) fn set(text: String, patch: &Map<String, Value>) -> String {
    let Ok(mut document) = text.parse::<DocumentMut>() else { return text };
    if merge(document.as_table_mut(), patch) { document.to_string() } else { text }
}

/// Makes a TOML value; a float without a fraction becomes a whole number, as JSON knows no difference.
pub(super) fn to_toml(value: &Value) -> toml_edit::Value {
    match value {
        Value::Null => "null".into(),
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => match (number.as_i64(), number.as_f64().unwrap_or(f64::NAN)) {
            (Some(whole), _) => whole.into(),
            (None, float) if float.fract() == 0.0 && float.abs() < EXACT => (float as i64).into(),
            (None, float) => float.into(),
        },
        Value::String(text) => text.into(),
        Value::Array(items) => items.iter().map(to_toml).collect::<toml_edit::Array>().into(),
        Value::Object(table) => {
            let set = table.iter().filter(|(_, value)| !value.is_null());
            set.map(|(key, value)| (key, to_toml(value))).collect::<InlineTable>().into()
        }
    }
}

/// Merges a patch into a table, and tells whether anything changed.
fn merge(table: &mut dyn TableLike, patch: &Map<String, Value>) -> bool {
    patch.iter().fold(false, |changed, (key, value)| entry(table, key, value) || changed)
}

fn entry(table: &mut dyn TableLike, key: &str, value: &Value) -> bool {
    let is_dotted = table.is_dotted();
    match (value, table.get_mut(key)) {
        (Value::Null, Some(Item::Value(_))) => table.remove(key).is_some(),
        (Value::Null, _) => false,
        (Value::Array(empty), None) if empty.is_empty() => false,
        (Value::Object(_), None) if sets_nothing(value) => false,
        (Value::Object(patch), None) if is_dotted => {
            let mut added = Table::new();
            added.set_dotted(true);
            merge(&mut added, patch);
            table.insert(key, Item::Table(added));
            true
        }
        (Value::Object(patch), Some(item)) if item.is_table_like() => {
            item.as_table_like_mut().is_some_and(|table| merge(table, patch))
        }
        (Value::Array(patches), Some(Item::ArrayOfTables(found)))
            if found.len() == patches.len() && patches.iter().all(Value::is_object) =>
        {
            let patches = patches.iter().filter_map(Value::as_object);
            found.iter_mut().zip(patches).fold(false, |changed, (table, patch)| merge(table, patch) || changed)
        }
        (value, Some(Item::Value(old))) => replace(old, to_toml(value)),
        (value, _) => {
            table.insert(key, Item::Value(to_toml(value)));
            true
        }
    }
}

fn sets_nothing(patch: &Value) -> bool {
    patch.is_null() || patch.as_object().is_some_and(|table| table.values().all(sets_nothing))
}

fn replace(old: &mut toml_edit::Value, mut new: toml_edit::Value) -> bool {
    if is_same(old, &new) {
        return false;
    }
    *new.decor_mut() = old.decor().clone();
    *old = new;
    true
}

fn is_same(old: &toml_edit::Value, new: &toml_edit::Value) -> bool {
    let plain = |value: &toml_edit::Value| {
        let mut value = value.clone();
        value.decor_mut().clear();
        value.to_string().parse::<toml::Value>().ok()
    };
    plain(old).is_some() && plain(old) == plain(new)
}
