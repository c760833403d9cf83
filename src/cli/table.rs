//! Aligned columns.

use crate::figures;

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows under a heading. The last column is the one that gives way where a line is too long.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Makes a table without rows.
    pub(super) fn new(columns: &[(&'static str, Align)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row, made harmless: one cell a column.
    pub(super) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        debug_assert_eq!(N, self.columns.len());
        self.rows.push(cells.map(figures::harmless).to_vec());
    }

    /// Tells whether there are no rows.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes it, a line a row under the titles, if there are any, cut to `width` characters where one is given.
    pub(super) fn render(&self, width: Option<usize>) -> String {
        let titles: Vec<String> = self.columns.iter().map(|(title, _)| (*title).to_owned()).collect();
        let widths: Vec<usize> = (0..titles.len()).map(|index| self.width(index, &titles)).collect();
        let heading = Some(&titles).filter(|titles| titles.iter().any(|title| !title.is_empty()));
        let lines = heading.into_iter().chain(&self.rows);
        lines.map(|cells| cut(self.line(cells, &widths).trim_end(), width) + "\n").collect()
    }

    fn width(&self, index: usize, titles: &[String]) -> usize {
        let cells = self.rows.iter().map(|row| &row[index]);
        cells.chain([&titles[index]]).map(|cell| cell.chars().count()).max().unwrap_or(0)
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (((_, align), cell), width) in self.columns.iter().zip(cells).zip(widths) {
            let gap = if line.is_empty() { "" } else { "  " };
            let fill = " ".repeat(width.saturating_sub(cell.chars().count()));
            line.extend(match align {
                Align::Left => [gap, cell, &fill],
                Align::Right => [gap, &fill, cell],
            });
        }
        line
    }
}

/// Cuts a line to so many characters, the last of which then says so.
fn cut(line: &str, width: Option<usize>) -> String {
    match width {
        Some(width) if line.chars().count() > width => {
            line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
        }
        Some(_) | None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&[("PID", Align::Right), ("NAME", Align::Left), ("COMMAND", Align::Left)]);
        table.row(["7", "zoë", "/bin/zoë --all of it"]);
        table.row(["4711", "a\x1b[31mb\nc", ""]);
        table
    }

    #[test]
    fn columns_are_aligned_and_nothing_is_cut_without_a_width() {
        let expected =
            [" PID  NAME       COMMAND\n", "   7  zoë        /bin/zoë --all of it\n", "4711  a\u{fffd}[31mb c\n"]
                .concat();
        assert_eq!(table().render(None), expected);
    }

    #[test]
    fn a_line_ends_at_the_width() {
        let expected =
            [" PID  NAME       COMMAND\n", "   7  zoë        /bin/z…\n", "4711  a\u{fffd}[31mb c\n"].concat();
        assert_eq!(table().render(Some(24)), expected);
        assert!(table().render(Some(1)).lines().all(|line| line.chars().count() == 1));
    }
}
