//! The object around a request: `cmd`, `params` and `id`.
//!
//! The three are first found as text, without looking into them: whatever is wrong with one, the others are known, so
//! that a refusal names the request it refuses; and nesting of any depth costs no stack.

use crate::protocol::request::shortened;
use crate::protocol::{Error, ErrorCode, Request, RequestId};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A request that was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// The client's mark, to be given back.
    pub id: Option<RequestId>,
    /// The command as it was written.
    pub cmd: String,
    /// What is asked.
    pub request: Request,
}

/// A line that was not understood, with as much of it as could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// The client's mark, to be given back.
    pub id: Option<RequestId>,
    /// The command as it was written.
    pub cmd: Option<String>,
    /// What is wrong with it.
    pub error: Error,
}

/// Understands one line of a client.
///
/// # Errors
/// `bad_json` where the line is no JSON object in UTF-8; `bad_request` names the key that is missing, unknown, there
/// twice or of the wrong type; `unknown_command` names the commands there are.
pub fn parse(line: &[u8]) -> Result<Envelope, Refused> {
    let keys = std::str::from_utf8(line)
        .map_err(|_| "The line is not UTF-8.".to_owned())
        .and_then(|text| serde_json::from_str::<Keys>(text).map_err(|error| not_json(&error)))
        .map_err(|message| Refused { id: None, cmd: None, error: Error::new(ErrorCode::BadJson, message) })?;
    let (id, id_fault) = split(keys.id.map_or(Ok(None), read_id));
    let (cmd, cmd_fault) = split(keys.cmd.map_or(Ok(None), read_cmd));
    let refused = |cmd, error| Refused { id: id.clone(), cmd, error };
    if let Some(fault) = keys.fault.or(cmd_fault).or(id_fault) {
        return Err(refused(cmd, bad_request(fault)));
    }
    let Some(cmd) = cmd else {
        return Err(refused(None, bad_request("cmd is missing. Send a command, such as {\"cmd\":\"ping\"}.")));
    };
    match read_params(keys.params).and_then(|params| Request::new(&cmd, params)) {
        Ok(request) => Ok(Envelope { id, cmd, request }),
        Err(error) => Err(refused(Some(cmd), error)),
    }
}

/// The keys of a request, each value as the text that was sent.
#[derive(Default)]
struct Keys<'a> {
    id: Option<&'a RawValue>,
    cmd: Option<&'a RawValue>,
    params: Option<&'a RawValue>,
    fault: Option<String>,
}

impl<'de> Deserialize<'de> for Keys<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KeysVisitor)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = Keys<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut keys = Keys::default();
        while let Some(key) = map.next_key::<Cow<str>>()? {
            let value: &RawValue = map.next_value()?;
            let place = match &*key {
                "id" => &mut keys.id,
                "cmd" => &mut keys.cmd,
                "params" => &mut keys.params,
                _ => {
                    keys.fault.get_or_insert_with(|| unknown_key(&key));
                    continue;
                }
            };
            if place.replace(value).is_some() {
                keys.fault.get_or_insert_with(|| format!("{key} is there twice."));
            }
        }
        Ok(keys)
    }
}

fn read_id(id: &RawValue) -> Result<Option<RequestId>, String> {
    match id.get() {
        "null" => Ok(None),
        text => RequestId::from_json(text).map(Some).ok_or_else(|| "id must be a string or a number.".to_owned()),
    }
}

fn read_cmd(cmd: &RawValue) -> Result<Option<String>, String> {
    serde_json::from_str(cmd.get()).map(Some).map_err(|_| "cmd must be a string.".to_owned())
}

fn read_params(params: Option<&RawValue>) -> Result<Option<Value>, Error> {
    let read = |params: &RawValue| serde_json::from_str(params.get());
    params.map(read).transpose().map_err(|error| bad_request(format!("params cannot be read: {error}.")))
}

fn split<T>(read: Result<Option<T>, String>) -> (Option<T>, Option<String>) {
    match read {
        Ok(value) => (value, None),
        Err(fault) => (None, Some(fault)),
    }
}

fn bad_request(message: impl Into<String>) -> Error {
    Error::new(ErrorCode::BadRequest, message)
}

fn unknown_key(key: &str) -> String {
    format!("There is no key {:?} in a request. The keys are: cmd, params, id.", shortened(key))
}

fn not_json(error: &serde_json::Error) -> String {
    let error = error.to_string();
    format!(
        "The line is not a JSON object: {}. Send one object a line, such as {{\"cmd\":\"ping\"}}.",
        shortened(&error)
    )
}
