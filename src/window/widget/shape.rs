//! Shapes that say by themselves what colours say too.

use crate::protocol::{Level, Severity};
use crate::window::theme::Colors;
use iced::widget::canvas::{self, Frame, Geometry, LineCap, LineJoin, Path, Stroke};
use iced::{Color, Element, Point, Rectangle, Renderer, Size, Theme, mouse};

/// The side of a shape within a line of text.
pub const SIDE: f32 = 16.0;

/// A shape on a grid of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A circle with a tick cut out.
    Fine,
    /// A triangle with a bar cut out.
    Warning,
    /// An octagon with a cross cut out.
    Critical,
    /// A circle with two bars cut out.
    Paused,
    /// A ring: nothing is known.
    Unknown,
    /// A box.
    Box,
    /// A box with a tick.
    Ticked,
    /// A triangle that points down.
    Down,
    /// A triangle that points up.
    Up,
    /// A triangle that points right.
    Right,
    /// A cross.
    Cross,
}

/// The shape of a level; None is nothing known.
#[must_use]
pub fn level<'a, M: 'a>(level: Option<Level>, is_paused: bool) -> Element<'a, M> {
    draw(match (is_paused, level) {
        (true, _) => Shape::Paused,
        (false, None) => Shape::Unknown,
        (false, Some(Level::Green)) => Shape::Fine,
        (false, Some(Level::Yellow)) => Shape::Warning,
        (false, Some(Level::Red)) => Shape::Critical,
    })
}

/// The shape of a severity.
#[must_use]
pub fn severity<'a, M: 'a>(severity: Severity) -> Element<'a, M> {
    draw(match severity {
        Severity::Warning => Shape::Warning,
        Severity::Critical => Shape::Critical,
    })
}

/// The shape of what went well.
#[must_use]
pub fn fine<'a, M: 'a>() -> Element<'a, M> {
    draw(Shape::Fine)
}

/// The shape of what is not there any more.
#[must_use]
pub fn unknown<'a, M: 'a>() -> Element<'a, M> {
    draw(Shape::Unknown)
}

/// A box, ticked or not.
#[must_use]
pub fn tick<'a, M: 'a>(is_ticked: bool) -> Element<'a, M> {
    draw(if is_ticked { Shape::Ticked } else { Shape::Box })
}

/// The mark of a column that is sorted by: down from the largest, up from the smallest.
#[must_use]
pub fn sorted<'a, M: 'a>(is_descending: bool) -> Element<'a, M> {
    draw(if is_descending { Shape::Down } else { Shape::Up })
}

/// The mark of a branch, folded or not.
#[must_use]
pub fn branch<'a, M: 'a>(is_folded: bool) -> Element<'a, M> {
    draw(if is_folded { Shape::Right } else { Shape::Down })
}

/// The mark of what closes something.
#[must_use]
pub fn cross<'a, M: 'a>() -> Element<'a, M> {
    draw(Shape::Cross)
}

fn draw<'a, M: 'a>(shape: Shape) -> Element<'a, M> {
    iced::widget::canvas(shape).width(SIDE).height(SIDE).into()
}

impl<M> canvas::Program<M> for Shape {
    type State = ();

    fn draw(&self, (): &(), renderer: &Renderer, theme: &Theme, bounds: Rectangle, _: mouse::Cursor) -> Vec<Geometry> {
        let colors = Colors::of(theme);
        let mut frame = Frame::new(renderer, bounds.size());
        frame.scale(bounds.width / SIDE);
        match self {
            Self::Fine => circle(&mut frame, colors.ok, &colors, &[&[(5.0, 8.2), (7.2, 10.4), (11.0, 6.0)]]),
            Self::Paused => {
                circle(&mut frame, colors.muted, &colors, &[&[(6.3, 5.5), (6.3, 10.5)], &[(9.7, 5.5), (9.7, 10.5)]]);
            }
            Self::Warning => {
                polygon(&mut frame, colors.warning, &[(8.0, 1.5), (15.0, 14.0), (1.0, 14.0)]);
                cut(&mut frame, &colors, &[&[(8.0, 6.0), (8.0, 9.5)], &[(8.0, 11.8), (8.0, 11.9)]]);
            }
            Self::Critical => {
                let octagon = [
                    (5.0, 1.0),
                    (11.0, 1.0),
                    (15.0, 5.0),
                    (15.0, 11.0),
                    (11.0, 15.0),
                    (5.0, 15.0),
                    (1.0, 11.0),
                    (1.0, 5.0),
                ];
                polygon(&mut frame, colors.critical, &octagon);
                cut(&mut frame, &colors, &[&[(5.6, 5.6), (10.4, 10.4)], &[(10.4, 5.6), (5.6, 10.4)]]);
            }
            Self::Unknown => frame.stroke(&Path::circle(Point::new(8.0, 8.0), 6.0), stroke(colors.muted)),
            Self::Box => frame.stroke(&square(), stroke(colors.outline)),
            Self::Ticked => {
                frame.fill(&square(), colors.accent);
                trace(&mut frame, colors.on_accent, &[(4.5, 8.2), (7.0, 10.7), (11.5, 5.5)]);
            }
            Self::Down => polygon(&mut frame, colors.muted, &[(4.0, 6.0), (12.0, 6.0), (8.0, 11.0)]),
            Self::Up => polygon(&mut frame, colors.muted, &[(4.0, 10.5), (12.0, 10.5), (8.0, 5.5)]),
            Self::Right => polygon(&mut frame, colors.muted, &[(6.0, 4.0), (11.0, 8.0), (6.0, 12.0)]),
            Self::Cross => {
                trace(&mut frame, colors.muted, &[(4.5, 4.5), (11.5, 11.5)]);
                trace(&mut frame, colors.muted, &[(11.5, 4.5), (4.5, 11.5)]);
            }
        }
        vec![frame.into_geometry()]
    }
}

fn circle(frame: &mut Frame, color: Color, colors: &Colors, lines: &[&[(f32, f32)]]) {
    frame.fill(&Path::circle(Point::new(8.0, 8.0), 7.0), color);
    cut(frame, colors, lines);
}

fn cut(frame: &mut Frame, colors: &Colors, lines: &[&[(f32, f32)]]) {
    for line in lines {
        trace(frame, colors.ground, line);
    }
}

fn trace(frame: &mut Frame, color: Color, points: &[(f32, f32)]) {
    frame.stroke(&path(points, false), stroke(color));
}

fn polygon(frame: &mut Frame, color: Color, points: &[(f32, f32)]) {
    frame.fill(&path(points, true), color);
}

fn path(points: &[(f32, f32)], is_closed: bool) -> Path {
    Path::new(|path| {
        for (index, (x, y)) in points.iter().enumerate() {
            let point = Point::new(*x, *y);
            if index == 0 { path.move_to(point) } else { path.line_to(point) }
        }
        if is_closed {
            path.close();
        }
    })
}

fn square() -> Path {
    Path::rounded_rectangle(Point::new(2.0, 2.0), Size::new(12.0, 12.0), 2.5.into())
}

fn stroke(color: Color) -> Stroke<'static> {
    Stroke::default().with_color(color).with_width(1.8).with_line_cap(LineCap::Round).with_line_join(LineJoin::Round)
}
