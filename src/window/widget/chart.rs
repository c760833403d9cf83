//! A small chart of one figure over time.

use super::small;
use crate::window::theme::Colors;
use iced::widget::canvas::{self, Frame, Geometry, Path, Stroke};
use iced::widget::{column, row, space};
use iced::{Color, Element, Fill, Point, Rectangle, Renderer, Size, Theme, mouse};

const HEIGHT: f32 = 56.0;

/// One figure over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Points, oldest first: seconds since any fixed instant, and the figure.
    pub points: Vec<(f64, f64)>,
    /// The instant at the left edge.
    pub begin: f64,
    /// The instant at the right edge.
    pub end: f64,
    /// The figure at the upper edge, at least; larger ones raise it.
    pub top: f64,
}

impl Series {
    /// Gives the points within a square of side 1, y upwards; those before the left edge are left out but for one.
    fn scaled(&self) -> Vec<(f32, f32)> {
        let width = (self.end - self.begin).max(f64::MIN_POSITIVE);
        let top = self.points.iter().fold(self.top, |top, (_, value)| top.max(*value)).max(f64::MIN_POSITIVE);
        let first = self.points.partition_point(|(at, _)| *at < self.begin).saturating_sub(1);
        let scaled = self.points[first..].iter().map(|(at, value)| {
            let share = |part: f64| part.clamp(0.0, 1.0) as f32;
            (share((at - self.begin) / width), share(value / top))
        });
        scaled.collect()
    }
}

/// Draws a series under its caption, with the last figure at the right.
#[must_use]
pub fn chart<'a, M: 'a>(caption: &'a str, last: String, series: Series) -> Element<'a, M> {
    let words = row![small(caption), space::horizontal(), small(last)];
    column![words, iced::widget::canvas(Plot { series }).width(Fill).height(HEIGHT)].spacing(4).into()
}

struct Plot {
    series: Series,
}

impl<M> canvas::Program<M> for Plot {
    type State = ();

    fn draw(&self, (): &(), renderer: &Renderer, theme: &Theme, bounds: Rectangle, _: mouse::Cursor) -> Vec<Geometry> {
        let colors = Colors::of(theme);
        let mut frame = Frame::new(renderer, bounds.size());
        let size = frame.size();
        let place = |(x, y): (f32, f32)| Point::new(x * size.width, (size.height - 2.0) * (1.0 - y) + 1.0);
        let points: Vec<Point> = self.series.scaled().into_iter().map(place).collect();
        draw_ground(&mut frame, colors.line);
        if let [first, .., last] = points[..] {
            let base = size.height - 1.0;
            frame.fill(
                &area(&points, Point::new(first.x, base), Point::new(last.x, base)),
                colors.accent.scale_alpha(0.18),
            );
            frame.stroke(&trace(&points), Stroke::default().with_color(colors.accent).with_width(1.5));
        }
        vec![frame.into_geometry()]
    }
}

/// Rectangles, as what changes of a picture is found by areas, and a line has none.
fn draw_ground(frame: &mut Frame, color: Color) {
    let size = frame.size();
    for y in [0.0, (size.height / 2.0).round(), size.height - 1.0] {
        frame.fill_rectangle(Point::new(0.0, y), Size::new(size.width, 1.0), color);
    }
}

fn trace(points: &[Point]) -> Path {
    Path::new(|path| {
        for (index, point) in points.iter().enumerate() {
            if index == 0 { path.move_to(*point) } else { path.line_to(*point) }
        }
    })
}

fn area(points: &[Point], left: Point, right: Point) -> Path {
    Path::new(|path| {
        path.move_to(left);
        for point in points {
            path.line_to(*point);
        }
        path.line_to(right);
        path.close();
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_scaled_into_the_square() {
        let series = Series {
            points: vec![(0.0, 9.0), (50.0, 5.0), (100.0, 20.0), (150.0, 0.0)],
            begin: 100.0,
            end: 200.0,
            top: 10.0,
        };
        assert_eq!(series.scaled(), [(0.0, 0.25), (0.0, 1.0), (0.5, 0.0)]);
        assert_eq!(Series::default().scaled(), []);
    }
}
