//! A table of which only the rows in view are made: 10,000 rows cost no more than 30.

use super::control::{Control, Status, Style, control};
use super::{button, shape, small};
use crate::protocol::Severity;
use crate::window::theme::{self, Colors};
use iced::alignment::Horizontal;
use iced::keyboard::{Key, Modifiers, key::Named};
use iced::widget::{Column as Rows, Id, Row, container, operation, row, scrollable, space};
use iced::{Center, Color, Element, Fill, Length, Point, Task, Vector, border};
use std::ops::Range;

/// Rows that are made beyond either end of the view.
const SPARE: usize = 3;

/// The space between two columns.
pub const GAP: f32 = 8.0;

/// More rows than a table that is not scrolled can have.
const WHOLE: usize = 1000;

/// Where a table that was never scrolled most likely begins, under the bar and the head.
const UNKNOWN_CORNER: Point = Point::new(0.0, 114.0);

/// How many steps the heat of a cell has.
const HEAT_STEPS: f64 = 4.0;

/// A column: what it is sorted by, its title and its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column<K> {
    /// What a click on its head sorts by.
    pub key: K,
    /// Its head.
    pub title: &'static str,
    /// Its width.
    pub width: Length,
    /// Numbers stand at the right, text at the left.
    pub align: Horizontal,
}

/// Which part of the rows is in view.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scroll {
    offset: f32,
    height: f32,
    /// Where the table's upper left corner is in the window.
    corner: Point,
}

impl From<scrollable::Viewport> for Scroll {
    fn from(viewport: scrollable::Viewport) -> Self {
        let bounds = viewport.bounds();
        Self { offset: viewport.absolute_offset().y, height: bounds.height, corner: bounds.position() }
    }
}

impl Scroll {
    /// Gives the rows that are made; `room` is the height of the window, until that of the table is known.
    #[must_use]
    pub fn visible(self, count: usize, room: f32) -> Range<usize> {
        let height = if self.height > 0.0 { self.height } else { room };
        let first = ((self.offset / theme::ROW) as usize).saturating_sub(SPARE);
        let shown = (height / theme::ROW).ceil() as usize + 2 * SPARE;
        // Rows that went away may leave the offset behind the last one until it is scrolled again.
        let first = first.min(count.saturating_sub(shown));
        first..(first + shown).min(count)
    }

    /// How many whole rows a page has: all of them where there is nothing to scroll.
    #[must_use]
    pub fn page(self) -> usize {
        if self.height > 0.0 { ((self.height / theme::ROW) as usize).max(1) } else { WHOLE }
    }

    /// Scrolls a table just so far that a row is in view.
    pub fn reveal<M: Send + 'static>(self, table: &'static str, index: usize) -> Task<M> {
        self.offset_to(index).map_or_else(Task::none, |y| {
            operation::scroll_to(scroll_id(table), scrollable::AbsoluteOffset { x: 0.0, y })
        })
    }

    /// Gives where the lower left corner of a row is in the window, for its menu.
    #[must_use]
    pub fn corner(self, index: usize) -> Point {
        let corner = if self.height > 0.0 { self.corner } else { UNKNOWN_CORNER };
        corner + Vector::new(theme::EDGE, self.under(index).max(theme::ROW))
    }

    /// Tells whether a row lies above what is in view.
    #[must_use]
    pub fn is_past(self, index: usize) -> bool {
        (index + 1) as f32 * theme::ROW <= self.offset
    }

    /// Gives where a row's lower edge is under the table's upper one.
    #[must_use]
    pub fn under(self, index: usize) -> f32 {
        (index + 1) as f32 * theme::ROW - self.offset
    }

    fn offset_to(self, index: usize) -> Option<f32> {
        let (top, bottom) = (index as f32 * theme::ROW, (index + 1) as f32 * theme::ROW);
        if self.height <= 0.0 {
            None
        } else if top < self.offset {
            Some(top)
        } else {
            (bottom > self.offset + self.height).then_some(bottom - self.height)
        }
    }
}

/// Scrolls a table by so many rows, so that what is in view stays there as rows above it come and go.
pub fn shift<M: Send + 'static>(table: &'static str, rows: f32) -> Task<M> {
    operation::scroll_by(scroll_id(table), scrollable::AbsoluteOffset { x: 0.0, y: rows * theme::ROW })
}

/// Scrolls a table to its first row.
pub fn to_top<M: Send + 'static>(table: &'static str) -> Task<M> {
    operation::scroll_to(scroll_id(table), scrollable::AbsoluteOffset { x: 0.0, y: 0.0 })
}

/// A step of the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the keys'")]
pub enum Step {
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
}

impl Step {
    /// Understands a key.
    #[expect(clippy::wildcard_enum_match_arm, reason = "there are hundreds of keys")]
    #[must_use]
    pub fn of(key: &Key, modifiers: Modifiers) -> Option<Self> {
        let Key::Named(named) = key else { return None };
        let step = match named {
            Named::ArrowUp => Self::Up,
            Named::ArrowDown => Self::Down,
            Named::PageUp => Self::PageUp,
            Named::PageDown => Self::PageDown,
            Named::Home => Self::Home,
            Named::End => Self::End,
            _ => return None,
        };
        modifiers.is_empty().then_some(step)
    }

    /// Gives the row that is selected after the step; None where there are no rows.
    #[must_use]
    pub fn from(self, selected: Option<usize>, count: usize, page: usize) -> Option<usize> {
        let last = count.checked_sub(1)?;
        Some(match (self, selected) {
            (Self::Home, _) | (Self::Down | Self::PageDown, None) => 0,
            (Self::End, _) | (Self::Up | Self::PageUp, None) => last,
            (Self::Up, Some(row)) => row.min(last + 1).saturating_sub(1),
            (Self::Down, Some(row)) => (row + 1).min(last),
            (Self::PageUp, Some(row)) => row.saturating_sub(page),
            (Self::PageDown, Some(row)) => (row + page).min(last),
        })
    }
}

/// Draws the heads of the columns; a click sorts by one.
pub fn head<'a, K, M>(columns: &[Column<K>], sorted: Option<(K, bool)>, on_sort: impl Fn(K) -> M + 'a) -> Element<'a, M>
where
    K: Copy + PartialEq + 'a,
    M: Clone + 'a,
{
    let heads = columns.iter().map(|column| {
        let mark = sorted.filter(|(key, _)| *key == column.key).map(|(_, descending)| shape::sorted(descending));
        let title = small(column.title).wrapping(iced::widget::text::Wrapping::None);
        let label = row![title].push(mark).align_y(Center);
        let head = control(container(label).width(Fill).align_x(column.align)).on_press(on_sort(column.key));
        head.width(column.width)
            .height(theme::ROW)
            .style(|colors, status| button::quiet_style(colors, status, false))
            .into()
    });
    container(Row::with_children(heads).spacing(GAP)).padding([0.0, theme::INSIDE]).style(theme::raised).into()
}

/// How a row is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Whether it is the selected one.
    pub is_selected: bool,
    /// How bad the alert is that fires about it.
    pub severity: Option<Severity>,
}

/// Draws a row of cells, one for each column.
pub fn row_of<'a, K: Copy, M: Clone + 'a>(
    columns: &[Column<K>],
    cells: impl IntoIterator<Item = Element<'a, M>>,
    look: Look,
) -> Control<'a, M> {
    let cells = columns.iter().zip(cells).map(|(column, cell)| {
        container(cell).width(column.width).height(Fill).align_x(column.align).align_y(Center).clip(true).into()
    });
    control(Row::with_children(cells).spacing(GAP).width(Fill).height(Fill))
        .padding([0.0, theme::INSIDE])
        .width(Fill)
        .height(theme::ROW)
        .for_the_pointer_only()
        .style(move |colors, status| row_style(colors, status, look))
}

fn row_style(colors: &Colors, status: Status, look: Look) -> Style {
    let ground = match (look.is_selected, look.severity, status) {
        (true, ..) => Some(colors.selected),
        (false, Some(Severity::Critical), _) => Some(colors.critical_ground),
        (false, Some(Severity::Warning), _) => Some(colors.warning_ground),
        (false, None, Status::Hovered | Status::Pressed) => Some(colors.hovered),
        (false, None, Status::Idle | Status::Disabled) => None,
    };
    Style { background: ground.map(Into::into), text: None, border: border::rounded(0) }
}

/// Lays a ground under a cell that grows with its share of the most there can be, 0 to 1, in steps.
pub fn heated<'a, M: 'a>(cell: impl Into<Element<'a, M>>, share: f64) -> Element<'a, M> {
    let step = (share.clamp(0.0, 1.0) * HEAT_STEPS).ceil() as f32;
    container(cell)
        .width(Fill)
        .height(Fill)
        .align_x(Horizontal::Right)
        .align_y(Center)
        .padding([0.0, 4.0])
        .style(move |theme| container::Style::default().background(heat(&Colors::of(theme), step)))
        .into()
}

fn heat(colors: &Colors, step: f32) -> Color {
    colors.heat.scale_alpha(step * 0.07)
}

/// Draws the rows in view, of so many, and says when others come into view. `name` is the table's own: it takes the
/// keyboard's focus under it.
pub fn rows<'a, M: Clone + 'a>(
    name: &'static str,
    scroll: Scroll,
    count: usize,
    room: f32,
    row: impl Fn(usize) -> Element<'a, M>,
    on_scroll: impl Fn(Scroll) -> M + 'a,
    on_key: impl Fn(&Key, Modifiers) -> Option<M> + 'a,
) -> Element<'a, M> {
    let visible = scroll.visible(count, room);
    let gap = |rows: usize| space::vertical().height(rows as f32 * theme::ROW);
    let content = Rows::with_capacity(visible.len() + 2)
        .push(gap(visible.start))
        .extend(visible.clone().map(row))
        .push(gap(count - visible.end));
    let scrolled = scrollable(content)
        .id(scroll_id(name))
        .on_scroll(move |viewport| on_scroll(viewport.into()))
        .style(theme::scroll)
        .width(Fill)
        .height(Fill);
    control(scrolled).id(name).on_key(on_key).width(Fill).height(Fill).into()
}

fn scroll_id(table: &'static str) -> Id {
    Id::from(format!("{table} rows"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_in_view_are_made() {
        let scroll = Scroll { offset: 2800.0, height: 280.0, ..Scroll::default() };
        assert_eq!(scroll.visible(10_000, 640.0), 97..113);
        assert_eq!(Scroll::default().visible(10_000, 280.0), 0..16);
        assert_eq!(scroll.visible(5, 640.0), 0..5);
        assert_eq!(scroll.visible(0, 640.0), 0..0);
    }

    #[test]
    fn a_row_out_of_view_is_scrolled_to_its_edge() {
        let scroll = Scroll { offset: 280.0, height: 280.0, ..Scroll::default() };
        assert_eq!(scroll.offset_to(9), Some(252.0));
        assert_eq!(scroll.offset_to(10), None);
        assert_eq!(scroll.offset_to(19), None);
        assert_eq!(scroll.offset_to(20), Some(308.0));
    }

    #[test]
    fn steps_stay_within_the_rows() {
        assert_eq!(Step::Down.from(None, 3, 2), Some(0));
        assert_eq!(Step::Up.from(None, 3, 2), Some(2));
        assert_eq!(Step::Down.from(Some(2), 3, 2), Some(2));
        assert_eq!(Step::Up.from(Some(9), 3, 2), Some(2));
        assert_eq!(Step::PageDown.from(Some(0), 9, 4), Some(4));
        assert_eq!(Step::PageUp.from(Some(2), 9, 4), Some(0));
        assert_eq!(Step::End.from(Some(0), 0, 4), None);
    }
}
