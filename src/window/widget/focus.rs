//! The keyboard's way from control to control: what takes the focus is scrolled into view.

use iced::advanced::widget::operation::{Focusable, Outcome, Scrollable, scrollable, then};
use iced::advanced::widget::{Id, Operation, operate};
use iced::widget::operation;
use iced::{Rectangle, Task, Vector};

/// What stays free above and below a control that was scrolled into view.
const MARGIN: f32 = 24.0;

/// Gives the focus to the next control.
pub fn next<M: Send + 'static>() -> Task<M> {
    operation::focus_next().chain(reveal())
}

/// Gives the focus to the control before.
pub fn previous<M: Send + 'static>() -> Task<M> {
    operation::focus_previous().chain(reveal())
}

/// Gives the focus to a control by its name.
pub fn on<M: Send + 'static>(name: impl Into<Id>) -> Task<M> {
    operation::focus(name).chain(reveal())
}

/// Scrolls what has the focus into view.
pub fn reveal<M: Send + 'static>() -> Task<M> {
    operate(then(Find::default(), |offset| Scroll { offset, met: 0 }))
}

/// How far one scrollable part has to be scrolled: the how manieth one, and to where.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Offset {
    scrollable: usize,
    y: f32,
}

/// A scrollable part on the way to the control.
#[derive(Clone, Copy, Debug)]
struct Around {
    index: usize,
    bounds: Rectangle,
    scrolled: f32,
}

impl Around {
    fn offset(&self, control: Rectangle) -> Option<Offset> {
        let top = control.y - self.bounds.y;
        let bottom = top + control.height;
        let y = if top < self.scrolled || control.height > self.bounds.height {
            (top - MARGIN).max(0.0)
        } else {
            bottom + MARGIN - self.bounds.height
        };
        let is_in_view = top >= self.scrolled && bottom <= self.scrolled + self.bounds.height;
        (!is_in_view).then_some(Offset { scrollable: self.index, y })
    }
}

#[derive(Debug, Default)]
struct Find {
    met: usize,
    entering: Option<Around>,
    around: Vec<Around>,
    found: Option<Offset>,
}

impl Operation<Offset> for Find {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation<Offset>)) {
        let entered = self.entering.take();
        let is_scrollable = entered.is_some();
        self.around.extend(entered);
        operate(self);
        if is_scrollable {
            self.around.pop();
        }
    }

    fn scrollable(
        &mut self,
        _: Option<&Id>,
        bounds: Rectangle,
        _: Rectangle,
        scrolled: Vector,
        _: &mut dyn Scrollable,
    ) {
        self.entering = Some(Around { index: self.met, bounds, scrolled: scrolled.y });
        self.met += 1;
    }

    fn focusable(&mut self, _: Option<&Id>, bounds: Rectangle, state: &mut dyn Focusable) {
        if state.is_focused() {
            self.found = self.around.last().and_then(|around| around.offset(bounds));
        }
    }

    fn finish(&self) -> Outcome<Offset> {
        self.found.map_or(Outcome::None, Outcome::Some)
    }
}

struct Scroll {
    offset: Offset,
    met: usize,
}

impl<M> Operation<M> for Scroll {
    fn traverse(&mut self, operate: &mut dyn FnMut(&mut dyn Operation<M>)) {
        operate(self);
    }

    fn scrollable(&mut self, _: Option<&Id>, _: Rectangle, _: Rectangle, _: Vector, state: &mut dyn Scrollable) {
        if self.met == self.offset.scrollable {
            state.scroll_to(scrollable::AbsoluteOffset { x: None, y: Some(self.offset.y) });
        }
        self.met += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iced::{Point, Size};

    #[test]
    fn a_control_out_of_view_is_scrolled_in() {
        let bounds = Rectangle::new(Point::new(0.0, 44.0), Size::new(600.0, 300.0));
        let around = Around { index: 2, bounds, scrolled: 100.0 };
        let control = |top: f32| Rectangle::new(Point::new(0.0, 44.0 + top), Size::new(100.0, 32.0));
        assert_eq!(around.offset(control(150.0)), None);
        assert_eq!(around.offset(control(90.0)), Some(Offset { scrollable: 2, y: 66.0 }));
        assert_eq!(around.offset(control(4.0)), Some(Offset { scrollable: 2, y: 0.0 }));
        assert_eq!(around.offset(control(390.0)), Some(Offset { scrollable: 2, y: 146.0 }));
    }
}
