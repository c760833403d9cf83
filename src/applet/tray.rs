//! stub
#![allow(missing_docs, clippy::pedantic)]
pub struct Tray;
impl Tray {
    pub fn new(_: tokio::sync::mpsc::Sender<super::Event>) -> Self { Self }
    pub fn show(&mut self, _: &crate::core::View, _: Option<bool>, _: i64) {}
    pub fn bus_up(&mut self) {}
    pub fn bus_down(&mut self) {}
    pub fn retry(&mut self) {}
}
