//! (in work)
/// stand-in
pub fn wire(c: &super::Config) -> serde_json::Value {
    serde_json::to_value(c).unwrap_or_default()
}
