//! A screen that nobody sees.

use super::{Home, Running};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

/// The size of the screen.
const WIDTH: u32 = 1280;
const HEIGHT: u32 = 800;

/// An `Xvfb` on a display number that was free.
pub(crate) struct Screen {
    _server: Running,
}

/// A part of the screen in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Area {
    pub(crate) left: u32,
    pub(crate) top: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Color(pub(crate) u8, pub(crate) u8, pub(crate) u8);

/// What was on a part of the screen at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    left: u32,
    top: u32,
    width: u32,
    pixels: Vec<u8>,
}

impl Area {
    /// The panel of the tests: the uppermost 32 pixels.
    pub(crate) const PANEL: Self = Self { left: 0, top: 0, width: WIDTH, height: 32 };
    /// Where menus open from the panel: notifications are drawn in the right half.
    pub(crate) const MENUS: Self = Self { left: 0, top: 40, width: WIDTH / 2, height: HEIGHT - 40 };
    /// All that is under the panel.
    pub(crate) const BELOW_PANEL: Self = Self { left: 0, top: 40, width: WIDTH, height: HEIGHT - 40 };
}

impl Area {
    /// Whether all of it is there to look at.
    pub(crate) fn is_on_the_screen(self) -> bool {
        self.left + self.width <= WIDTH && self.top + self.height <= HEIGHT
    }
}

impl Color {
    fn is_near(self, other: Self) -> bool {
        let near = |a: u8, b: u8| a.abs_diff(b) <= 12;
        near(self.0, other.0) && near(self.1, other.1) && near(self.2, other.2)
    }
}

impl Picture {
    /// Reads a binary portable pixmap of a whole screen.
    pub(crate) fn from_ppm(bytes: &[u8]) -> Self {
        let header: Vec<&[u8]> = bytes.splitn(4, u8::is_ascii_whitespace).collect();
        let [b"P6", width, _height, rest] = header[..] else { panic!("no portable pixmap") };
        let width = std::str::from_utf8(width).unwrap().parse().unwrap();
        let depth = rest.iter().position(u8::is_ascii_whitespace).unwrap();
        Self { left: 0, top: 0, width, pixels: rest[depth + 1..].to_vec() }
    }

    /// The middle of all pixels near the color, on the screen; None where fewer than eight are.
    pub(crate) fn find(&self, color: Color) -> Option<(u32, u32)> {
        let near = |pixel: &[u8]| Color(pixel[0], pixel[1], pixel[2]).is_near(color);
        let places: Vec<u32> =
            self.pixels.chunks_exact(3).zip(0..).filter(|(pixel, _)| near(pixel)).map(|(_, at)| at).collect();
        let count = u32::try_from(places.len()).unwrap();
        (count >= 8).then(|| {
            let x = places.iter().map(|at| at % self.width).sum::<u32>() / count;
            let y = places.iter().map(|at| at / self.width).sum::<u32>() / count;
            (self.left + x, self.top + y)
        })
    }

    /// How many pixels are near the color.
    pub(crate) fn count(&self, color: Color) -> usize {
        self.pixels.chunks_exact(3).filter(|pixel| Color(pixel[0], pixel[1], pixel[2]).is_near(color)).count()
    }

    /// A part of it, in its own pixels.
    pub(crate) fn part(&self, area: Area) -> Self {
        let row = |y: u32| {
            let begin = ((area.top + y) * self.width + area.left) as usize * 3;
            &self.pixels[begin..begin + area.width as usize * 3]
        };
        let pixels = (0..area.height).flat_map(row).copied().collect();
        Self { left: self.left + area.left, top: self.top + area.top, width: area.width, pixels }
    }

    /// Where it begins on the screen.
    pub(crate) fn top(&self) -> u32 {
        self.top
    }

    /// Its size in pixels.
    pub(crate) fn height(&self) -> u32 {
        u32::try_from(self.pixels.len()).unwrap() / 3 / self.width
    }

    /// Whether there is nothing on it.
    pub(crate) fn is_plain(&self) -> bool {
        self.pixels.chunks_exact(3).all(|pixel| *pixel == self.pixels[..3])
    }

    /// How many pixels differ from another picture of the same area.
    pub(crate) fn difference(&self, other: &Self) -> usize {
        self.pixels.chunks_exact(3).zip(other.pixels.chunks_exact(3)).filter(|(a, b)| a != b).count()
    }
}

impl Screen {
    /// Starts it, and leads all later commands of the home to it.
    pub(crate) fn start(home: &mut Home) -> Self {
        let mut command = home.command("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", &format!("{WIDTH}x{HEIGHT}x24")]);
        command.args(["-nolisten", "tcp", "-noreset"]);
        let mut server = Running::start_piped(home, "Xvfb", &mut command);
        let mut line = String::new();
        BufReader::new(server.take_stdout()).read_line(&mut line).unwrap();
        let number: u32 = line.trim().parse().unwrap_or_else(|_| panic!("Xvfb says {line:?}: {}", server.log()));
        home.set("DISPLAY", format!(":{number}"));
        Self { _server: server }
    }

    /// What is on a part of the screen now.
    pub(crate) fn look(&self, home: &Home, area: Area) -> Picture {
        let Area { left, top, width, height } = area;
        let crop = format!("{width}x{height}+{left}+{top}");
        let arguments = ["-silent", "-window", "root", "-crop", &crop, "-depth", "8", "rgb:-"];
        let pixels = home.run("import", &arguments);
        assert_eq!(pixels.len(), (width * height * 3) as usize, "{area:?} is on the screen");
        Picture { left, top, width, pixels }
    }

    /// Saves the whole screen for people to look at, below the target folder, and returns where.
    pub(crate) fn save(&self, home: &Home, name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screens");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name).with_extension("png");
        home.run("import", &["-silent", "-window", "root", file.to_str().unwrap()]);
        file
    }

    /// Presses a mouse button: 1 is the left one, 3 the right one.
    pub(crate) fn click(&self, home: &Home, (x, y): (u32, u32), button: u32) {
        let (x, y, button) = (x.to_string(), y.to_string(), button.to_string());
        home.run("xdotool", &["mousemove", &x, &y, "click", &button]);
    }
}
