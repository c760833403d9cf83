//! Changes to the user's text that leave everything else in it as it was: comments, order, spelling, line ends.
//!
//! A patch is any part of the config's tree, as `update_config` takes it. Its rules are laid out first, then what is
//! null is cut, then the missing tables are added, then the values are set.

mod place;
mod rules;
mod set;

use super::parse;
use crate::protocol::{Error, ErrorCode};
use serde_json::{Map, Value};

/// The tables that the wire has at the top and the file under `detection`.
const DETECTION: [&str; 3] = ["cpu_high", "hang", "memory_leak"];

/// Applies a patch to the text of a config: null goes back to the default, `rule` takes the place of all rules.
///
/// # Errors
/// `invalid_config` names the key and what is allowed, or the place where the text itself is wrong: mend that first.
pub fn edit(text: &str, patch: &Map<String, Value>) -> Result<String, Error> {
    parse::parse(text).map_err(|error| refuse(&error.to_string()))?;
    let patch = as_in_the_file(patch)?;
    known(&patch, &parse::model(), &mut Vec::new())?;
    let (bom, body) = text.strip_prefix('\u{feff}').map_or(("", text), |body| ("\u{feff}", body));
    let plain = body.replace("\r\n", "\n");
    let mut changed = rules::lay_out(plain.clone(), &patch);
    let patch = rules::with_removals(&changed, patch);
    changed = place::cut(changed, &patch);
    changed = place::add_tables(changed, &patch);
    changed = set::set(changed, &patch);
    if changed == plain {
        return Ok(text.to_owned());
    }
    parse::parse(&changed).map_err(|error| refuse(&of_the_patch(&error)))?;
    let body = if is_crlf(body) { changed.replace('\n', "\r\n") } else { changed };
    Ok(format!("{bom}{body}"))
}

/// Makes the refusal of a patch or of the text that it was meant for.
pub(super) fn refuse(message: &str) -> Error {
    Error::new(ErrorCode::InvalidConfig, format!("{message} Nothing was changed."))
}

/// Names the key as the wire does, where the sentence begins with its last part.
fn of_the_patch(error: &parse::Error) -> String {
    let key = error.key.trim_start_matches("detection.");
    let last = key.rsplit('.').next().unwrap_or_default();
    match error.message.strip_prefix(last) {
        Some(rest) if !last.is_empty() => format!("{key}{rest}"),
        _ => error.message.clone(),
    }
}

fn as_in_the_file(patch: &Map<String, Value>) -> Result<Map<String, Value>, Error> {
    let mut whole = Value::Object(Map::new());
    for (key, value) in patch {
        let mut part = Map::from_iter([(key.clone(), value.clone())]);
        if DETECTION.contains(&key.as_str()) {
            part = Map::from_iter([("detection".into(), Value::Object(part))]);
        }
        if !merge(&mut whole, Value::Object(part)) {
            return Err(refuse(&format!("{key} is given twice, at the top and under \"detection\".")));
        }
    }
    Ok(if let Value::Object(whole) = whole { whole } else { Map::new() })
}

/// Merges tables; false where a key is given twice and is not a table both times.
fn merge(into: &mut Value, from: Value) -> bool {
    let (Value::Object(into), Value::Object(from)) = (into, from) else { return false };
    from.into_iter().all(|(key, value)| match into.get_mut(&key) {
        Some(there) => merge(there, value),
        None => into.insert(key, value).is_none(),
    })
}

/// Refuses keys that there are none of; what else is wrong shows once the values are written.
fn known(patch: &Map<String, Value>, model: &Map<String, Value>, place: &mut Vec<String>) -> Result<(), Error> {
    for (key, value) in patch {
        let Some(model) = model.get(key) else {
            let message = parse::unknown_key(place, key, model);
            return Err(refuse(&message.replacen("there is", "There is", 1)));
        };
        place.push(key.clone());
        match (value, model) {
            (Value::Object(value), Value::Object(model)) => known(value, model, place)?,
            (Value::Array(values), Value::Array(models)) => {
                if let Some(Value::Object(model)) = models.first() {
                    let mut tables = values.iter().filter_map(Value::as_object);
                    tables.try_for_each(|table| known(table, model, place))?;
                }
            }
            _ => {}
        }
        place.pop();
    }
    Ok(())
}

fn is_crlf(text: &str) -> bool {
    text.find('\n').is_some_and(|newline| text[..newline].ends_with('\r'))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
