//! The paths of our SVG files, filled into masks of alpha.

/// How many lines are sampled across each row of pixels.
const LINES: u16 = 16;

/// Into how many straight pieces a curve is cut.
const PIECES: u16 = 12;

/// The side of the square in which the paths are drawn.
const GRID: f32 = 16.0;

type Point = [f32; 2];

/// A closed path of straight edges; what lies within it an even number of times is cut out.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Path {
    edges: Vec<[Point; 2]>,
}

impl Path {
    /// Understands what the icons use of SVG's path data: absolute `M`, `L`, `C` and `Z`.
    ///
    /// Source: SVG 1.1, 8.3 Path data.
    pub(super) fn parse(data: &str) -> Self {
        let mut path = Self::default();
        let (mut start, mut pen) = ([0.0; 2], [0.0; 2]);
        for part in data.split_inclusive(|c: char| c.is_ascii_alphabetic()).zip(arguments(data)) {
            let (command, points) = (part.0.trim_end().chars().last(), part.1);
            match (command, points.as_slice()) {
                (Some('M'), &[to]) => (start, pen) = (to, to),
                (Some('L'), &[to]) => pen = path.line(pen, to),
                (Some('C'), &[one, two, to]) => pen = path.curve(pen, one, two, to),
                (Some('Z'), []) => pen = path.line(pen, start),
                other => unreachable!("the icons use M, L, C and Z alone, not {other:?}"),
            }
        }
        path
    }

    /// Fills it into a square of this side: one byte a pixel, from 0 outside to 255 inside, by rows from the top.
    pub(super) fn fill(&self, side: u16) -> Vec<u8> {
        let scale = f32::from(side) / GRID;
        (0..side).flat_map(|row| self.row(row, side, scale)).collect()
    }

    fn row(&self, row: u16, side: u16, scale: f32) -> Vec<u8> {
        let mut covered = vec![0.0; usize::from(side)];
        for line in 0..LINES {
            let y = (f32::from(row) + (f32::from(line) + 0.5) / f32::from(LINES)) / scale;
            for span in self.crossings(y).chunks_exact(2) {
                cover(&mut covered, span[0] * scale, span[1] * scale);
            }
        }
        covered.into_iter().map(|share| (share / f32::from(LINES) * 255.0).round() as u8).collect()
    }

    fn crossings(&self, y: f32) -> Vec<f32> {
        let crossed = self.edges.iter().filter(|[from, to]| (from[1] <= y) != (to[1] <= y));
        let mut at: Vec<f32> =
            crossed.map(|[from, to]| from[0] + (y - from[1]) / (to[1] - from[1]) * (to[0] - from[0])).collect();
        at.sort_by(f32::total_cmp);
        at
    }

    fn line(&mut self, from: Point, to: Point) -> Point {
        self.edges.push([from, to]);
        to
    }

    fn curve(&mut self, from: Point, one: Point, two: Point, to: Point) -> Point {
        (1..=PIECES).fold(from, |pen, piece| {
            let t = f32::from(piece) / f32::from(PIECES);
            let u = 1.0 - t;
            let at = |axis: usize| {
                u * u * u * from[axis] + 3.0 * u * t * (u * one[axis] + t * two[axis]) + t * t * t * to[axis]
            };
            self.line(pen, [at(0), at(1)])
        })
    }
}

/// The points behind each letter.
fn arguments(data: &str) -> impl Iterator<Item = Vec<Point>> {
    data.split(|c: char| c.is_ascii_alphabetic()).skip(1).map(|numbers| {
        let numbers: Vec<f32> = numbers.split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect();
        numbers.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
    })
}

/// Adds to each pixel what of it lies between two places of the row.
fn cover(pixels: &mut [f32], from: f32, to: f32) {
    let end = (to.ceil().max(0.0) as usize).min(pixels.len());
    for (index, pixel) in pixels.iter_mut().enumerate().take(end).skip(from.max(0.0) as usize) {
        let left = index as f32;
        *pixel += to.min(left + 1.0) - from.max(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_within_twice_is_cut_out() {
        let frame = Path::parse("M0 0L16 0L16 16L0 16Z M4 4L12 4L12 12L4 12Z");
        assert_eq!(
            frame.fill(4),
            [[255, 255, 255, 255], [255, 0, 0, 255], [255, 0, 0, 255], [255, 255, 255, 255]].concat()
        );
    }

    #[test]
    fn an_edge_through_a_pixel_covers_its_share() {
        assert_eq!(Path::parse("M2 0L16 0L16 16L2 16Z").fill(4)[..2], [128, 255]);
        assert_eq!(Path::parse("M0 2L16 2L16 16L0 16Z").fill(4)[0], 128);
    }

    #[test]
    fn parts_outside_of_the_square_are_left_out() {
        assert_eq!(Path::parse("M-4 -4L40 -4L40 40L-4 40Z").fill(2), [255; 4]);
    }

    #[test]
    fn a_curve_ends_where_it_should() {
        let path = Path::parse("M0 0C0 4 4 8 8 8Z");
        assert_eq!(path.edges.len(), usize::from(PIECES) + 1);
        assert_eq!(path.edges.last(), Some(&[[8.0, 8.0], [0.0, 0.0]]));
    }
}
