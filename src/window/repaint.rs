//! Drawing the whole window anew after what the user did.
//!
//! The software renderer redraws only what it finds changed, and finds too little where aligned text changes or rows
//! scroll: it takes a text's anchor for its corner. A ground of another colour makes it draw everything; the two
//! colours differ by less than a pixel can show.

use super::Message;
use iced::theme::{Base, Style};
use iced::{Color, Theme};

/// How many frames in a row: a compositor may hold two buffers.
const FRAMES: u8 = 2;

/// The difference of the two colours, far below one step of 255.
const DIFFERENCE: f32 = 1e-4;

/// Which of the two colours the ground has, and how often it is still to change.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Repaint {
    due: u8,
    is_other: bool,
}

impl Repaint {
    /// Takes notice of what happens to the window.
    pub(super) fn note(&mut self, message: &Message) {
        let is_by_itself = matches!(message, Message::Tick(_) | Message::News(_) | Message::Push(_));
        if !is_by_itself {
            self.due = FRAMES;
        }
        if self.due > 0 {
            self.due -= 1;
            self.is_other = !self.is_other;
        }
    }

    /// Gives the ground and the text of a theme.
    pub(super) fn style(self, theme: &Theme) -> Style {
        let Style { background_color, text_color } = theme.base();
        let alpha = if self.is_other { 1.0 - DIFFERENCE } else { 1.0 };
        Style { background_color: Color { a: alpha, ..background_color }, text_color }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::theme::{Appearance, theme};

    #[test]
    fn what_the_user_does_is_drawn_whole_in_two_frames() {
        let theme = theme(Appearance::default());
        let mut repaint = Repaint::default();
        let mut grounds = vec![repaint.style(&theme).background_color];
        for message in [Message::Tick(1), Message::Search("x".into()), Message::Tick(2), Message::Tick(3)] {
            repaint.note(&message);
            grounds.push(repaint.style(&theme).background_color);
        }
        let differ: Vec<bool> = grounds.windows(2).map(|pair| pair[0] != pair[1]).collect();
        assert_eq!(differ, [false, true, true, false]);
        assert!(grounds.iter().all(|ground| ground.into_rgba8() == grounds[0].into_rgba8()));
    }
}
