//! The tab in a window without a display.
