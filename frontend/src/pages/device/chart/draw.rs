//! Puts a chart on a canvas. Where things are is [`super::geometry`]'s; this file only draws, in the colours of the
//! page's theme and at the sharpness of the screen.

use super::geometry::{self, Plot, Point, TimeDetail};
use crate::clock::local;
use crate::words::within;
use shared::Timestamp;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement};

/// One line of the chart.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// The place of its unit.
    pub(crate) panel: usize,
    /// Those that are seen.
    pub(crate) points: Vec<Point>,
}

/// Everything a chart shows. Times are milliseconds since 1970.
#[derive(Debug)]
pub(crate) struct Scene {
    /// Each has an axis of its own.
    pub(crate) units: Vec<String>,
    /// In the order of their colours and dashes.
    pub(crate) lines: Vec<Line>,
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) crosshair: Option<f64>,
}

/// How many lines can be told apart.
pub(crate) const COLOURS: usize = 6;
/// The colour and the dashes of each line.
const LINES: [(&str, &[f64]); COLOURS] = [
    ("--series-1", &[]),
    ("--series-2", &[7.0, 3.0]),
    ("--series-3", &[2.0, 3.0]),
    ("--series-4", &[9.0, 3.0, 2.0, 3.0]),
    ("--series-5", &[4.0, 2.0]),
    ("--series-6", &[12.0, 4.0]),
];
/// Space for the labels of the axes, in CSS pixels.
const LEFT: f64 = 54.0;
const RIGHT: f64 = 12.0;
const BOTTOM: f64 = 22.0;
/// Space above each panel, for its unit.
const TITLE: f64 = 22.0;

/// The plot of a panel on a canvas of this size with so many of them; without a range of values yet.
pub(crate) fn plot(width: f64, height: f64, (panel, panels): (usize, usize), from: f64, to: f64) -> Plot {
    let each = (height - BOTTOM) / panels.max(1) as f64;
    Plot {
        left: LEFT,
        top: each * panel as f64 + TITLE,
        width: (width - LEFT - RIGHT).max(10.0),
        height: (each - TITLE - 6.0).max(10.0),
        from,
        to,
        low: 0.0,
        high: 1.0,
    }
}

/// Draws the scene; the canvas takes the size its element has on the page.
pub(crate) fn draw(canvas: &HtmlCanvasElement, scene: &Scene) -> Option<()> {
    let (width, height) = (
        f64::from(canvas.client_width()),
        f64::from(canvas.client_height()),
    );
    if width < 40.0 || height < 40.0 {
        return None;
    }
    let window = web_sys::window()?;
    let ratio = window.device_pixel_ratio().max(1.0);
    let (wide, high) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
    if canvas.width() != wide || canvas.height() != high {
        canvas.set_width(wide);
        canvas.set_height(high);
    }
    let panels = scene.units.len();
    let mut painter = Painter {
        context: canvas.get_context("2d").ok()??.dyn_into().ok()?,
        style: window.get_computed_style(canvas).ok()??,
        plot: plot(width, height, (0, 1), scene.from, scene.to),
    };
    let context = &painter.context;
    context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
    context.clear_rect(0.0, 0.0, width, height);
    context.set_font(&["11px ", &painter.read("font-family")].concat());
    let most = ((width / 90.0) as usize).clamp(2, 10);
    // How far the reader's clock is ahead of UTC.
    let offset = -js_sys::Date::new_0().get_timezone_offset() * 60_000.0;
    let (ticks, detail) = geometry::time_ticks(scene.from, scene.to, most, offset);
    painter.ink("--muted");
    painter.align("center", "alphabetic");
    for tick in &ticks {
        let x = within(painter.plot.x(*tick), LEFT + 14.0, width - 24.0);
        painter.write(&time_label(*tick, detail), x, height - 5.0);
    }
    for (panel, unit) in scene.units.iter().enumerate() {
        painter.plot = plot(width, height, (panel, panels), scene.from, scene.to);
        painter.panel(panel, unit, scene, &ticks);
    }
    Some(())
}

fn time_label(at: f64, detail: TimeDetail) -> String {
    let calendar = local(Timestamp(at as i64));
    let (text, range) = match detail {
        TimeDetail::Seconds => return calendar.time_of_day(),
        TimeDetail::Minutes => (calendar.time_of_day(), 0..5),
        TimeDetail::Days => (calendar.exact(), 5..10),
    };
    text.get(range).unwrap_or_default().to_owned()
}

struct Painter {
    context: CanvasRenderingContext2d,
    /// Of the canvas, with the colours of the theme.
    style: CssStyleDeclaration,
    plot: Plot,
}

impl Painter {
    fn panel(&mut self, panel: usize, unit: &str, scene: &Scene, ticks: &[f64]) {
        let mut lines: Vec<(usize, &[Point])> = Vec::new();
        for (place, line) in scene.lines.iter().enumerate() {
            if line.panel == panel {
                lines.push((place, &line.points));
            }
        }
        let range = geometry::value_range(lines.iter().flat_map(|(_, points)| *points));
        (self.plot.low, self.plot.high) = range.unwrap_or((0.0, 1.0));
        self.axes(unit, ticks, range.is_some());
        self.clip();
        for (place, points) in &lines {
            // Few points are worth seeing one by one; a single one would not be seen without.
            let few = (points.len() as f64) < self.plot.width / 14.0;
            let stretches = geometry::segments(points, geometry::gap_after(points));
            if lines.len() == 1 {
                self.silences(points, &stretches);
            }
            self.ink_of(*place);
            for stretch in stretches {
                let stretch = &points[stretch];
                let dots = few || stretch.len() == 1;
                self.stretch(&geometry::thinned(stretch, &self.plot), *place, dots);
            }
        }
        self.context.restore();
        if let Some(at) = scene.crosshair {
            self.crosshair(at, &lines);
        }
    }

    fn axes(&self, unit: &str, ticks: &[f64], labelled: bool) {
        let plot = &self.plot;
        let most = ((plot.height / 38.0) as usize).clamp(2, 8);
        let values = if labelled {
            geometry::value_ticks(plot.low, plot.high, most)
        } else {
            Vec::new()
        };
        let right = plot.left + plot.width;
        let floor = plot.top + plot.height;
        self.context.set_line_width(1.0);
        self.ink("--line");
        for value in &values {
            let y = sharp(plot.y(*value));
            self.stroke(plot.left, y, right, y);
        }
        for tick in ticks {
            let x = sharp(plot.x(*tick));
            self.stroke(x, plot.top, x, floor);
        }
        self.ink("--muted");
        self.stroke(plot.left, sharp(floor), right, sharp(floor));
        self.align("left", "alphabetic");
        self.write(unit, 2.0, plot.top - 9.0);
        self.align("right", "middle");
        for value in &values {
            let label = geometry::value_label(*value, &values);
            self.write(&label, plot.left - 8.0, sharp(plot.y(*value)));
        }
    }

    /// Shades the times without data between two stretches.
    fn silences(&self, points: &[Point], stretches: &[std::ops::Range<usize>]) {
        let plot = &self.plot;
        self.ink("--late-soft");
        for pair in stretches.windows(2) {
            let (Some(last), Some(next)) = (points.get(pair[0].end - 1), points.get(pair[1].start)) else {
                continue;
            };
            let (from, to) = (plot.x(last.at), plot.x(next.at));
            self.context.fill_rect(from, plot.top, to - from, plot.height);
        }
    }

    fn stretch(&self, points: &[Point], place: usize, dots: bool) {
        let (context, plot) = (&self.context, &self.plot);
        let (_, dashes) = LINES[place % COLOURS];
        context.set_line_width(1.75);
        context.set_line_join("round");
        self.dashes(dashes);
        context.begin_path();
        for (index, point) in points.iter().enumerate() {
            let (x, y) = (plot.x(point.at), plot.y(point.value));
            if index == 0 {
                context.move_to(x, y);
            } else {
                context.line_to(x, y);
            }
        }
        context.stroke();
        self.dashes(&[]);
        if dots {
            for point in points {
                self.dot(point, 2.4);
            }
        }
    }

    fn crosshair(&self, at: f64, lines: &[(usize, &[Point])]) {
        let plot = &self.plot;
        let x = sharp(within(plot.x(at), plot.left, plot.left + plot.width));
        self.ink("--muted");
        self.context.set_line_width(1.0);
        self.stroke(x, plot.top, x, plot.top + plot.height);
        for (place, points) in lines {
            if let Some(point) = geometry::nearest(points, at) {
                self.ink("--surface");
                self.dot(&point, 5.0);
                self.ink_of(*place);
                self.dot(&point, 3.5);
            }
        }
    }

    fn dot(&self, point: &Point, radius: f64) {
        let (x, y) = (self.plot.x(point.at), self.plot.y(point.value));
        if x < self.plot.left - 1.0 || x > self.plot.left + self.plot.width + 1.0 {
            return;
        }
        self.context.begin_path();
        if self.context.arc(x, y, radius, 0.0, std::f64::consts::TAU).is_ok() {
            self.context.fill();
        }
    }

    fn stroke(&self, from_x: f64, from_y: f64, to_x: f64, to_y: f64) {
        self.context.begin_path();
        self.context.move_to(from_x, from_y);
        self.context.line_to(to_x, to_y);
        self.context.stroke();
    }

    /// Confines the lines to the plot, with room for a dot at its edge, until the context is restored.
    fn clip(&self) {
        let (context, plot) = (&self.context, &self.plot);
        context.save();
        context.begin_path();
        context.rect(
            plot.left - 3.0,
            plot.top - 4.0,
            plot.width + 6.0,
            plot.height + 8.0,
        );
        context.clip();
    }

    /// What the page's styles say of the canvas.
    fn read(&self, name: &str) -> String {
        self.style.get_property_value(name).unwrap_or_default()
    }

    /// Draws and fills in a colour of the theme.
    fn ink(&self, name: &str) {
        let colour = self.read(name);
        self.context.set_fill_style_str(&colour);
        self.context.set_stroke_style_str(&colour);
    }

    /// In the colour of the line at this place.
    fn ink_of(&self, place: usize) {
        let (name, _) = LINES[place % COLOURS];
        self.ink(name);
    }

    fn align(&self, text: &str, baseline: &str) {
        self.context.set_text_align(text);
        self.context.set_text_baseline(baseline);
    }

    /// A label that cannot be written is only missing.
    fn write(&self, text: &str, x: f64, y: f64) {
        drop(self.context.fill_text(text, x, y));
    }

    fn dashes(&self, lengths: &[f64]) {
        let pattern = js_sys::Array::new();
        for length in lengths {
            pattern.push(&JsValue::from_f64(*length));
        }
        drop(self.context.set_line_dash(&pattern));
    }
}

/// In the middle of a pixel, where a line of one pixel is sharp.
fn sharp(at: f64) -> f64 {
    at.round() + 0.5
}
