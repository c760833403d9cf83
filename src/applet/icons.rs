//! The tray's icons. The SVG files under `icons/` are the only drawing of them: for hosts that want pixels, the same
//! paths are filled here.
//!
//! Whether a panel is light or dark is not known to a tray item, so each colour has a contrast of at least 3 : 1
//! against panels from `#ffffff` to `#eff0f1` and from `#222222` to `#353535`.

mod path;

use crate::core::View;
use crate::protocol::Level;
use path::Path;
use std::path::PathBuf;

/// The sides of the pixmaps, in pixels, smallest first.
pub const SIZES: [u16; 6] = [16, 22, 24, 32, 48, 64];

/// What the tray shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Circle with a tick: nothing has run away.
    Ok,
    /// Triangle with a bar: an alert is firing.
    Warning,
    /// Octagon with a cross: a critical one, or the guard cannot do its work.
    Critical,
    /// Circle with two bars: monitoring is paused.
    Paused,
}

/// A square picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixmap {
    /// Its side in pixels.
    pub side: u16,
    /// Alpha, red, green and blue of each pixel, not premultiplied, by rows from the top.
    ///
    /// Source: StatusNotifierItem specification, `IconPixmap` (ARGB32 in network byte order).
    pub argb: Vec<u8>,
}

impl Icon {
    /// Every icon there is.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Warning, Self::Critical, Self::Paused];

    /// The icon of what people are shown.
    #[must_use]
    pub fn of(view: &View) -> Self {
        match (view.pause, view.level) {
            (Some(_), _) => Self::Paused,
            (None, Level::Green) => Self::Ok,
            (None, Level::Yellow) => Self::Warning,
            (None, Level::Red) => Self::Critical,
        }
    }

    /// Its name in an icon theme.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "io.github.runawayguard.applet-ok",
            Self::Warning => "io.github.runawayguard.applet-warning",
            Self::Critical => "io.github.runawayguard.applet-critical",
            Self::Paused => "io.github.runawayguard.applet-paused",
        }
    }

    /// Draws it in every size.
    #[must_use]
    pub fn pixmaps(self) -> Vec<Pixmap> {
        SIZES.into_iter().map(|side| draw(self.svg(), side)).collect()
    }

    fn svg(self) -> &'static str {
        match self {
            Self::Ok => include_str!("../../icons/hicolor/scalable/status/io.github.runawayguard.applet-ok.svg"),
            Self::Warning => {
                include_str!("../../icons/hicolor/scalable/status/io.github.runawayguard.applet-warning.svg")
            }
            Self::Critical => {
                include_str!("../../icons/hicolor/scalable/status/io.github.runawayguard.applet-critical.svg")
            }
            Self::Paused => {
                include_str!("../../icons/hicolor/scalable/status/io.github.runawayguard.applet-paused.svg")
            }
        }
    }
}

/// Draws the application's own icon.
#[must_use]
pub fn application(side: u16) -> Pixmap {
    draw(include_str!("../../icons/hicolor/scalable/apps/io.github.runawayguard.applet.svg"), side)
}

/// Draws the paths of an SVG file, each over those before it.
fn draw(svg: &str, side: u16) -> Pixmap {
    let mut pixels = vec![[0; 4]; usize::from(side) * usize::from(side)];
    for path in svg.split("<path").skip(1) {
        let color = colour(attribute(path, " fill"));
        for (pixel, alpha) in pixels.iter_mut().zip(Path::parse(attribute(path, " d")).fill(side)) {
            *pixel = over(*pixel, color, alpha);
        }
    }
    Pixmap { side, argb: pixels.concat() }
}

/// Lays a colour over a pixel: all of it where alpha is 255.
fn over(under: [u8; 4], [_, red, green, blue]: [u8; 4], alpha: u8) -> [u8; 4] {
    if under[0] == 0 {
        return [alpha, red, green, blue];
    }
    let mix = |under: u8, upper: u8| {
        ((u16::from(under) * u16::from(255 - alpha) + u16::from(upper) * u16::from(alpha)) / 255) as u8
    };
    [under[0].max(alpha), mix(under[1], red), mix(under[2], green), mix(under[3], blue)]
}

/// Tells whether all icons are in the hicolor theme of one of these data folders: only then may hosts be given a name,
/// since most show a broken picture, not the pixmap, for a name that they cannot find.
#[must_use]
pub fn are_installed(data_dirs: &[PathBuf]) -> bool {
    let file = |icon: Icon| format!("icons/hicolor/scalable/status/{}.svg", icon.name());
    Icon::ALL.into_iter().all(|icon| data_dirs.iter().any(|dir| dir.join(file(icon)).is_file()))
}

fn attribute<'a>(svg: &'a str, name: &str) -> &'a str {
    let rest = svg.split_once(&format!("{name}=\"")).map_or("", |(_, rest)| rest);
    rest.split('"').next().unwrap_or_default()
}

fn colour(hex: &str) -> [u8; 4] {
    u32::from_str_radix(hex.trim_start_matches('#'), 16).unwrap_or_default().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::APP_ID;
    use std::process::Command;

    fn luminance(colour: u32) -> f64 {
        let channel = |shift: u32| {
            let value = f64::from((colour >> shift) & 255) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
    }

    fn contrast(one: u32, other: u32) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    /// Red, green and blue of each pixel on black ground.
    fn drawn_by_rsvg(svg: &str, side: u16) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let (source, target) = (dir.path().join("icon.svg"), dir.path().join("icon.rgb"));
        std::fs::write(&source, svg).unwrap();
        let script =
            format!("rsvg-convert -w {side} -h {side} -b black \"$1\" | convert png:- -alpha off -depth 8 rgb:\"$2\"");
        let done = Command::new("sh").args(["-ec", &script, "sh"]).arg(source).arg(&target).status().unwrap();
        assert!(done.success(), "rsvg-convert and convert are needed: apt-get install librsvg2-bin imagemagick");
        std::fs::read(target).unwrap()
    }

    #[test]
    fn the_application_is_a_light_line_on_a_green_disc() {
        let Pixmap { side, argb } = application(64);
        let pixel = |x: usize, y: usize| &argb[(y * usize::from(side) + x) * 4..][..4];
        assert_eq!(pixel(0, 0)[0], 0);
        assert_eq!(pixel(32, 8), [255, 0x2a, 0x85, 0x56]);
        assert_eq!(pixel(14, 32), [255, 0xe3, 0xf5, 0xea]);
    }

    #[test]
    fn drawn_as_a_renderer_of_svg_draws_it() {
        for icon in Icon::ALL {
            for pixmap in icon.pixmaps().into_iter().filter(|pixmap| [16, 22, 64].contains(&pixmap.side)) {
                let expected = drawn_by_rsvg(icon.svg(), pixmap.side);
                let on_black = |pixel: &[u8]| over([255, 0, 0, 0], [255, pixel[1], pixel[2], pixel[3]], pixel[0]);
                let drawn: Vec<u8> =
                    pixmap.argb.chunks_exact(4).flat_map(|pixel| on_black(pixel)[1..].to_vec()).collect();
                assert_eq!(drawn.len(), expected.len());
                let off: u32 = drawn.iter().zip(&expected).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
                let mean = f64::from(off) / drawn.len() as f64;
                assert!(mean < 1.0, "{icon:?} at {}: {mean} of 255 off on average", pixmap.side);
            }
        }
    }

    #[test]
    fn every_colour_shows_on_light_and_dark_panels() {
        for icon in Icon::ALL {
            let colour = u32::from_be_bytes(colour(attribute(icon.svg(), " fill")));
            for panel in [0x00ff_ffff, 0x00ef_f0f1, 0x0022_2222, 0x0035_3535] {
                let contrast = contrast(colour, panel);
                assert!(contrast >= 3.0, "{icon:?} on {panel:06x}: {contrast:.2}");
            }
            assert_eq!(
                icon.svg().matches("<path fill=\"#ffffff\"").count(),
                1,
                "the mark shows on coloured panels too"
            );
        }
    }

    #[test]
    fn shapes_differ_without_their_colours_at_16_pixels() {
        let is_mark = |pixel: &[u8]| pixel[1..].iter().all(|channel| *channel > 195);
        let is_body = |pixel: &[u8]| pixel[0] > 127 && !is_mark(pixel);
        let shape = |icon: Icon| icon.pixmaps()[0].argb.chunks_exact(4).map(is_body).collect::<Vec<_>>();
        for (index, one) in Icon::ALL.into_iter().enumerate() {
            for other in Icon::ALL.into_iter().skip(index + 1) {
                let differ = shape(one).iter().zip(shape(other)).filter(|(a, b)| *a != b).count();
                assert!(differ >= 20, "{one:?} and {other:?} differ in {differ} pixels only");
            }
        }
    }

    #[test]
    fn symbolic_twins_have_the_same_shape() {
        for icon in Icon::ALL {
            let file = format!("icons/hicolor/symbolic/status/{}-symbolic.svg", icon.name());
            let twin = std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
            let parts: Vec<_> = icon.svg().split("<path").skip(1).map(|path| attribute(path, " d")).collect();
            assert_eq!(attribute(&twin, " d"), parts.join(" "), "{icon:?}: body, and the mark cut out of it");
            assert!(icon.name().starts_with(APP_ID));
        }
    }

    #[test]
    fn a_name_is_used_only_where_every_icon_is_installed() {
        let dir = tempfile::tempdir().unwrap();
        let status = dir.path().join("icons/hicolor/scalable/status");
        std::fs::create_dir_all(&status).unwrap();
        let dirs = [PathBuf::from("/nonexistent"), dir.path().to_path_buf()];
        for icon in Icon::ALL {
            assert!(!are_installed(&dirs));
            std::fs::write(status.join(format!("{}.svg", icon.name())), icon.svg()).unwrap();
        }
        assert!(are_installed(&dirs));
    }
}
