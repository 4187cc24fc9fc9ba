//! Puts a chart on a canvas. Where things are is [`super::geometry`]'s; this file only draws, in the colours of the
//! page's theme and at the sharpness of the screen.

use super::geometry::{self, Plot, Point, TimeDetail};
use crate::words::within;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// One line of the chart.
#[derive(Debug, Clone)]
pub(crate) struct Line<'a> {
    pub(crate) points: &'a [Point],
    /// Counts from 0; chooses colour and dashes.
    pub(crate) place: usize,
}

/// The lines of one unit, on an axis of their own.
#[derive(Debug, Clone)]
pub(crate) struct Panel<'a> {
    pub(crate) unit: &'a str,
    pub(crate) lines: Vec<Line<'a>>,
}

/// Everything a chart shows. Times are milliseconds since 1970.
pub(crate) struct Scene<'a> {
    pub(crate) panels: Vec<Panel<'a>>,
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) crosshair: Option<f64>,
    /// How far the reader's clock is ahead of UTC, in milliseconds.
    pub(crate) offset: f64,
    /// Writes a time below the axis.
    pub(crate) clock: &'a dyn Fn(f64, TimeDetail) -> String,
}

impl std::fmt::Debug for Scene<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scene")
            .field("panels", &self.panels.len())
            .finish_non_exhaustive()
    }
}

/// How many lines can be told apart.
pub(crate) const COLOURS: usize = 6;
/// Space for the labels of the axes, in CSS pixels.
const LEFT: f64 = 54.0;
const RIGHT: f64 = 12.0;
const BOTTOM: f64 = 22.0;
/// Space above each panel, for its unit.
const TITLE: f64 = 22.0;

/// The plot of each panel on a canvas of this size; without ranges of values yet.
pub(crate) fn plots(width: f64, height: f64, panels: usize, from: f64, to: f64) -> Vec<Plot> {
    let each = (height - BOTTOM) / panels.max(1) as f64;
    (0..panels)
        .map(|index| Plot {
            left: LEFT,
            top: each * index as f64 + TITLE,
            width: (width - LEFT - RIGHT).max(10.0),
            height: (each - TITLE - 6.0).max(10.0),
            from,
            to,
            low: 0.0,
            high: 1.0,
        })
        .collect()
}

struct Theme {
    grid: String,
    axis: String,
    text: String,
    gap: String,
    surface: String,
    font: String,
    lines: Vec<String>,
}

impl Theme {
    fn of(canvas: &HtmlCanvasElement) -> Option<Theme> {
        let style = web_sys::window()?.get_computed_style(canvas).ok()??;
        let read = |name: &str| {
            style
                .get_property_value(name)
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        Some(Theme {
            grid: read("--line"),
            axis: read("--muted"),
            text: read("--muted"),
            gap: read("--late-soft"),
            surface: read("--surface"),
            font: format!("11px {}", read("font-family")),
            lines: (1..=COLOURS)
                .map(|index| read(&format!("--series-{index}")))
                .collect(),
        })
    }

    fn line(&self, place: usize) -> &str {
        self.lines.get(place % COLOURS).map_or("", String::as_str)
    }
}

/// Draws the scene; the canvas takes the size its element has on the page.
pub(crate) fn draw(canvas: &HtmlCanvasElement, scene: &Scene<'_>) -> Option<()> {
    let (width, height) = (
        f64::from(canvas.client_width()),
        f64::from(canvas.client_height()),
    );
    if width < 40.0 || height < 40.0 {
        return None;
    }
    let ratio = web_sys::window()?.device_pixel_ratio().max(1.0);
    let (wide, high) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
    if canvas.width() != wide || canvas.height() != high {
        canvas.set_width(wide);
        canvas.set_height(high);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let theme = Theme::of(canvas)?;
    context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
    context.clear_rect(0.0, 0.0, width, height);
    context.set_font(&theme.font);
    let most = ((width / 90.0) as usize).clamp(2, 10);
    let (ticks, detail) = geometry::time_ticks(scene.from, scene.to, most, scene.offset);
    let plots = plots(width, height, scene.panels.len(), scene.from, scene.to);
    for (plot, panel) in plots.into_iter().zip(&scene.panels) {
        Painter {
            context: &context,
            theme: &theme,
            plot,
        }
        .panel(panel, scene, &ticks);
    }
    times(&context, &theme, scene, &ticks, detail, width, height);
    Some(())
}

/// The times below the lowest panel.
fn times(
    context: &CanvasRenderingContext2d,
    theme: &Theme,
    scene: &Scene<'_>,
    ticks: &[f64],
    detail: TimeDetail,
    width: f64,
    height: f64,
) {
    let Some(axis) = plots(width, height, 1, scene.from, scene.to).pop() else {
        return;
    };
    context.set_fill_style_str(&theme.text);
    context.set_text_baseline("alphabetic");
    context.set_text_align("center");
    for tick in ticks {
        let x = within(axis.x(*tick), LEFT + 14.0, width - 24.0);
        // A label that cannot be written is only missing.
        let _ = context.fill_text(&(scene.clock)(*tick, detail), x, height - 5.0);
    }
}

struct Painter<'a> {
    context: &'a CanvasRenderingContext2d,
    theme: &'a Theme,
    plot: Plot,
}

impl Painter<'_> {
    fn panel(mut self, panel: &Panel<'_>, scene: &Scene<'_>, ticks: &[f64]) {
        let seen: Vec<(&Line<'_>, &[Point])> = panel
            .lines
            .iter()
            .map(|line| (line, geometry::visible(line.points, scene.from, scene.to)))
            .collect();
        let range = geometry::value_range(seen.iter().flat_map(|(_, points)| points.iter()));
        (self.plot.low, self.plot.high) = range.unwrap_or((0.0, 1.0));
        self.axes(panel.unit, ticks, range.is_some());
        self.clip(true);
        for (line, points) in &seen {
            let gap = geometry::gap_after(line.points);
            // Few points are worth seeing one by one; a single one would not be seen without.
            let few = (points.len() as f64) < self.plot.width / 14.0;
            let stretches = geometry::segments(points, gap);
            if panel.lines.len() == 1 {
                self.silences(points, &stretches);
            }
            for stretch in stretches {
                let dots = few || stretch.len() == 1;
                self.stretch(&geometry::thinned(&points[stretch], &self.plot), line.place, dots);
            }
        }
        self.clip(false);
        if let Some(at) = scene.crosshair {
            self.crosshair(at, &panel.lines);
        }
    }

    fn axes(&self, unit: &str, ticks: &[f64], labelled: bool) {
        let (context, plot) = (self.context, &self.plot);
        context.set_line_width(1.0);
        context.set_fill_style_str(&self.theme.text);
        context.set_text_align("left");
        context.set_text_baseline("alphabetic");
        let _ = context.fill_text(unit, 2.0, plot.top - 9.0);
        context.set_text_align("right");
        context.set_text_baseline("middle");
        let most = ((plot.height / 38.0) as usize).clamp(2, 8);
        let values = if labelled {
            geometry::value_ticks(plot.low, plot.high, most)
        } else {
            Vec::new()
        };
        context.set_stroke_style_str(&self.theme.grid);
        for value in &values {
            let y = plot.y(*value).round() + 0.5;
            self.stroke(plot.left, y, plot.left + plot.width, y);
            let _ = context.fill_text(&geometry::value_label(*value, &values), plot.left - 8.0, y);
        }
        for tick in ticks {
            let x = plot.x(*tick).round() + 0.5;
            self.stroke(x, plot.top, x, plot.top + plot.height);
        }
        context.set_stroke_style_str(&self.theme.axis);
        let floor = (plot.top + plot.height).round() + 0.5;
        self.stroke(plot.left, floor, plot.left + plot.width, floor);
    }

    /// Shades the times without data between two stretches.
    fn silences(&self, points: &[Point], stretches: &[std::ops::Range<usize>]) {
        self.context.set_fill_style_str(&self.theme.gap);
        for pair in stretches.windows(2) {
            let (Some(last), Some(next)) = (points.get(pair[0].end - 1), points.get(pair[1].start)) else {
                continue;
            };
            let (from, to) = (self.plot.x(last.at), self.plot.x(next.at));
            self.context
                .fill_rect(from, self.plot.top, to - from, self.plot.height);
        }
    }

    fn stretch(&self, points: &[Point], place: usize, dots: bool) {
        let (context, plot) = (self.context, &self.plot);
        context.set_stroke_style_str(self.theme.line(place));
        context.set_fill_style_str(self.theme.line(place));
        context.set_line_width(1.75);
        context.set_line_join("round");
        self.dashes(place);
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
        self.no_dashes();
        if dots {
            for point in points {
                self.dot(point, 2.4);
            }
        }
    }

    fn crosshair(&self, at: f64, lines: &[Line<'_>]) {
        let (context, plot) = (self.context, &self.plot);
        let x = within(plot.x(at), plot.left, plot.left + plot.width).round() + 0.5;
        context.set_stroke_style_str(&self.theme.text);
        context.set_line_width(1.0);
        self.stroke(x, plot.top, x, plot.top + plot.height);
        for line in lines {
            let Some(point) = geometry::nearest(line.points, at) else {
                continue;
            };
            context.set_fill_style_str(&self.theme.surface);
            self.dot(&point, 5.0);
            context.set_fill_style_str(self.theme.line(line.place));
            self.dot(&point, 3.5);
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

    /// Confines the lines to the plot, with room for a dot at its edge.
    fn clip(&self, on: bool) {
        if on {
            self.context.save();
            self.context.begin_path();
            self.context.rect(
                self.plot.left - 3.0,
                self.plot.top - 4.0,
                self.plot.width + 6.0,
                self.plot.height + 8.0,
            );
            self.context.clip();
        } else {
            self.context.restore();
        }
    }

    fn dashes(&self, place: usize) {
        let pattern: &[f64] = match place % COLOURS {
            0 => &[],
            1 => &[7.0, 3.0],
            2 => &[2.0, 3.0],
            3 => &[9.0, 3.0, 2.0, 3.0],
            4 => &[4.0, 2.0],
            _ => &[12.0, 4.0],
        };
        let pattern: js_sys::Array = pattern.iter().map(|length| JsValue::from_f64(*length)).collect();
        let _ = self.context.set_line_dash(&pattern);
    }

    fn no_dashes(&self) {
        let _ = self.context.set_line_dash(&js_sys::Array::new());
    }
}
