//! `config get`, `config set` and `config path`.

use super::args::Config;
use super::{Error, Terminal};
use crate::client::Client;
use crate::paths::Paths;
use serde_json::{Map, Value, json};
use std::io;

pub(super) fn run(command: Config, paths: &Paths, terminal: &mut Terminal) -> Result<(), Error> {
    match command {
        Config::Get { key } => {
            let config = Client::connect(paths)?.request("get_config", json!({}))?;
            Ok(show(found(&config, key.as_deref())?, terminal)?)
        }
        Config::Set { key, value } => {
            let patch = Value::Object(wire::patch_from(&key, &value));
            let config = Client::connect(paths)?.request("update_config", patch)?;
            if terminal.json {
                return Ok(terminal.json(&config)?);
            }
            let now = written(found(&config, Some(&key))?);
            Ok(terminal.line(&format!("{key} is now {}.", now.trim_end()))?)
        }
        Config::Path => {
            let path = paths.config.to_string_lossy();
            Ok(if terminal.json { terminal.json(&json!({ "path": path })) } else { terminal.line(&path) }?)
        }
    }
}

fn found<'a>(config: &'a Value, key: Option<&str>) -> Result<&'a Value, Error> {
    let Some(key) = key else { return Ok(config) };
    wire::get(config, key).ok_or_else(|| {
        Error::Failed(format!("There is no setting {key:?}. See them all with: runaway-guard config get"))
    })
}

fn show(value: &Value, terminal: &mut Terminal) -> io::Result<()> {
    if terminal.json {
        return terminal.json(value);
    }
    written(value).lines().try_for_each(|line| terminal.line(line))
}

/// Writes a setting as a script wants it and a table as the file has it.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(_) => toml::to_string(value).unwrap_or_else(|_| value.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => value.to_string(),
    }
}

/// Stands in for `crate::config::wire`, which has both with the same signatures.
mod wire {
    use super::{Map, Value};

    pub(super) fn get<'a>(config: &'a Value, key: &str) -> Option<&'a Value> {
        bare(key).split('.').try_fold(config, |table, key| table.get(key))
    }

    pub(super) fn patch_from(key: &str, text: &str) -> Map<String, Value> {
        let parsed = toml::from_str::<Map<String, Value>>(&format!("value = {text}"));
        let value = parsed.ok().and_then(|mut table| table.remove("value")).unwrap_or_else(|| text.into());
        let patch = bare(key).rsplit('.').fold(value, |inner, key| Map::from_iter([(key.to_owned(), inner)]).into());
        patch.as_object().cloned().unwrap_or_default()
    }

    fn bare(key: &str) -> &str {
        key.strip_prefix("detection.").unwrap_or(key)
    }
}
