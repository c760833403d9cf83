//! `config get`, `config set` and `config path`.

use super::args::Config;
use super::{Error, Terminal};
use crate::client::Client;
use crate::config::wire;
use crate::paths::Paths;
use serde_json::{Value, json};
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
