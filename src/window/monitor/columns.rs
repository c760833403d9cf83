//! The columns of the table: what they are called, how wide they are, and what they are sorted by.

use crate::window::theme;
use crate::window::widget::table::{Column, GAP};
use iced::alignment::Horizontal;
use iced::{Fill, Length};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

/// A column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the heads of the columns")]
pub enum Key {
    Name,
    Pid,
    #[default]
    Cpu,
    Memory,
    Runtime,
    State,
    User,
    Threads,
    Parent,
    Application,
}

/// The columns that are always there.
const ALWAYS: [Key; 6] = [Key::Name, Key::Pid, Key::Cpu, Key::Memory, Key::Runtime, Key::State];

/// The columns that may be chosen, in their order.
pub(super) const OPTIONAL: [Key; 4] = [Key::User, Key::Threads, Key::Parent, Key::Application];

/// What the names keep at least, however many columns are chosen.
const NAME: f32 = 136.0;

impl Key {
    /// Gives the head of the column.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Pid => "PID",
            Self::Cpu => "CPU",
            Self::Memory => "Memory",
            Self::Runtime => "Runtime",
            Self::State => "State",
            Self::User => "User",
            Self::Threads => "Threads",
            Self::Parent => "Parent",
            Self::Application => "Application",
        }
    }

    /// Tells whether the first click on its head sorts from the largest.
    pub(super) fn is_descending_first(self) -> bool {
        matches!(self, Self::Cpu | Self::Memory | Self::Runtime | Self::Threads)
    }

    fn width(self) -> f32 {
        match self {
            Self::Name => NAME,
            Self::State => 52.0,
            Self::Pid | Self::Threads | Self::Parent => 64.0,
            Self::Cpu => 72.0,
            Self::Memory | Self::Runtime | Self::User => 80.0,
            Self::Application => 130.0,
        }
    }

    fn column(self) -> Column<Self> {
        let align = match self {
            Self::Name | Self::User | Self::Application => Horizontal::Left,
            Self::State => Horizontal::Center,
            Self::Pid | Self::Cpu | Self::Memory | Self::Runtime | Self::Threads | Self::Parent => Horizontal::Right,
        };
        Column {
            key: self,
            title: self.title(),
            width: if self == Self::Name { Fill } else { Length::Fixed(self.width()) },
            align,
        }
    }
}

/// What the rows are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order {
    /// The column.
    pub(super) key: Key,
    /// Whether from the largest.
    pub(super) is_descending: bool,
}

/// What the tab remembers from one time to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// What the rows are sorted by.
    #[serde(deserialize_with = "forgiving")]
    pub sort: Key,
    /// Whether from the largest.
    #[serde(deserialize_with = "forgiving_of_yes")]
    pub is_descending: bool,
    /// The columns that were chosen beside those that are always there.
    #[serde(deserialize_with = "each_forgiving")]
    pub columns: Vec<Key>,
    /// Whether children stand under their parents.
    #[serde(deserialize_with = "forgiving")]
    pub is_tree: bool,
    /// Whether the details are shown beside the table.
    #[serde(deserialize_with = "forgiving_of_yes")]
    pub has_details: bool,
}

impl Default for Remembered {
    fn default() -> Self {
        Self { sort: Key::Cpu, is_descending: true, columns: Vec::new(), is_tree: false, has_details: true }
    }
}

impl Remembered {
    /// Gives what the rows are sorted by.
    pub(super) fn order(&self) -> Order {
        Order { key: self.sort, is_descending: self.is_descending }
    }

    /// Sorts by a column; by the same one again the other way around.
    pub(super) fn sort_by(&mut self, key: Key) {
        self.is_descending = if self.sort == key { !self.is_descending } else { key.is_descending_first() };
        self.sort = key;
    }

    /// Shows a column, or no longer.
    pub(super) fn toggle(&mut self, key: Key) {
        if self.columns.contains(&key) {
            self.columns.retain(|shown| *shown != key);
        } else {
            self.columns.push(key);
        }
    }

    /// Gives the columns that have room beside each other.
    pub(super) fn columns(&self, room: f32) -> Vec<Column<Key>> {
        let mut left = room - 2.0 * theme::INSIDE - ALWAYS.iter().map(|key| key.width() + GAP).sum::<f32>();
        let chosen = OPTIONAL.into_iter().filter(|key| self.columns.contains(key));
        let fitting = chosen.take_while(|key| {
            left -= key.width() + GAP;
            left >= 0.0
        });
        ALWAYS.into_iter().chain(fitting).map(Key::column).collect()
    }
}

/// Takes what is not understood, of another version, for what it is by default.
fn forgiving<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    Ok(serde_json::from_value(serde_json::Value::deserialize(from)?).unwrap_or_default())
}

fn forgiving_of_yes<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(serde_json::Value::deserialize(from)?.as_bool().unwrap_or(true))
}

fn each_forgiving<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Key>, D::Error> {
    let values = serde_json::Value::deserialize(from)?;
    let values = values.as_array().map_or_else(Vec::new, Clone::clone);
    Ok(values.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_costs_only_itself() {
        let text = "sort = 'magic'\nis_descending = 7\ncolumns = ['user', 'gpu', 3]\nis_tree = true\nfuture = {}";
        let remembered: Remembered = toml::from_str(text).unwrap();
        assert_eq!(remembered, Remembered { columns: vec![Key::User], is_tree: true, ..Remembered::default() });
        let changed = Remembered { sort: Key::Name, columns: vec![Key::Parent], ..Remembered::default() };
        assert_eq!(toml::from_str::<Remembered>(&toml::to_string(&changed).unwrap()).unwrap(), changed);
    }

    #[test]
    fn columns_that_have_no_room_are_left_out() {
        let remembered = Remembered { columns: OPTIONAL.to_vec(), ..Remembered::default() };
        let shown = |room| remembered.columns(room).len();
        assert_eq!([shown(400.0), shown(640.0), shown(1000.0)], [6, 7, 10]);
        assert_eq!(Remembered::default().columns(1000.0).len(), 6);
    }

    #[test]
    fn the_same_head_again_reverses() {
        let mut remembered = Remembered::default();
        for (key, is_descending) in
            [(Key::Name, false), (Key::Name, true), (Key::Memory, true), (Key::Memory, false), (Key::Cpu, true)]
        {
            remembered.sort_by(key);
            assert_eq!(remembered.order(), Order { key, is_descending });
        }
    }
}
