//! Draws calls and waits over time as SVG.
//!
//! The drawings stretch to the width of the page. Their labels are HTML, so that they stay readable in a
//! narrow window.

use std::fmt::Write;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::html::escaped;
use crate::progress::text::{clock, length};
use crate::progress::waits::{Reason, Wait};
use crate::terminal::counted;

/// The inner size of a drawing. It is stretched to the size that the page gives.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 100.0;
/// The least width of a wait, so that it can be seen.
const LEAST_WIDTH: f64 = 2.0;
/// The number of labels below a drawing.
const LABELS: u32 = 5;

/// The time that a drawing covers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) started: DateTime<Utc>,
    pub(crate) length: Duration,
}

impl Span {
    fn x(self, at: Duration) -> f64 {
        let share = at.as_secs_f64() / self.length.as_secs_f64().max(1.0);
        share.min(1.0) * WIDTH
    }

    /// Returns the labels of the time axis.
    pub(crate) fn labels(self) -> String {
        let labels = (0..LABELS).map(|at| {
            let time = clock(self.started, self.length * at / (LABELS - 1));
            let time = time.trim_end_matches(" UTC");
            format!("<span>{time}</span>")
        });
        format!(r#"<div class="x">{}</div>"#, labels.collect::<String>())
    }
}

/// The class of the colour of a wait.
pub(crate) fn class(reason: &Reason) -> &'static str {
    match reason {
        Reason::Minute => "minute",
        Reason::AppMinute => "app",
        Reason::Concurrent | Reason::Day => "other",
        Reason::Fault(_) => "fault",
    }
}

/// Returns a rectangle for each wait.
pub(crate) fn bands<'w>(span: Span, waits: impl Iterator<Item = &'w Wait>) -> String {
    let mut bands = String::new();
    for wait in waits {
        let (from, until) = (span.x(wait.from), span.x(wait.until));
        let width = (until - from).max(LEAST_WIDTH);
        let (class, why) = (class(&wait.reason), escaped(wait.reason.text()));
        let (at, long) = (
            clock(span.started, wait.from),
            length(wait.length(span.length)),
        );
        let requests = counted(wait.requests, "request");
        let _ = write!(
            bands,
            r#"<rect class="wait {class}" x="{from:.1}" y="0" width="{width:.1}" height="{HEIGHT}"><title>{at}: {long}, {requests}: {why}</title></rect>"#
        );
    }
    bands
}

/// Returns a drawing without axes.
pub(crate) fn drawing(label: &str, content: &str) -> String {
    let label = escaped(label);
    format!(
        r#"<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{label}">{content}</svg>"#
    )
}

/// A curve of calls a minute.
#[derive(Debug)]
pub(crate) struct Curve<'a> {
    pub(crate) label: &'a str,
    /// The number of calls in the minute before each of these moments.
    pub(crate) values: &'a [f64],
    /// The seconds between two values.
    pub(crate) seconds: u32,
    /// The limit, if the scale reaches it.
    pub(crate) limit: Option<f64>,
    /// The waits behind the curve.
    pub(crate) bands: String,
}

/// Returns a chart with axes.
pub(crate) fn curve(span: Span, curve: &Curve<'_>) -> String {
    let highest = curve.values.iter().copied().fold(0.0, f64::max);
    let top = curve.limit.unwrap_or(0.0).max(highest).max(1.0);
    // The line of the limit stays inside.
    let scale = top * 1.08;
    let y = |value: f64| HEIGHT - value / scale * HEIGHT;
    let mut line = String::new();
    for (at, value) in curve.values.iter().enumerate() {
        let index = u32::try_from(at).unwrap_or(u32::MAX);
        let end = Duration::from_secs(1) * curve.seconds * index.saturating_add(1);
        let (from, to, y) = (
            span.x(end.saturating_sub(Duration::from_secs(1) * curve.seconds)),
            span.x(end),
            y(*value),
        );
        let command = if at == 0 { 'M' } else { 'L' };
        let _ = write!(line, "{command}{from:.1} {y:.1}L{to:.1} {y:.1}");
    }
    let end = span.x(span.length);
    let mut content = curve.bands.clone();
    let _ = write!(
        content,
        r#"<path class="area" d="{line}L{end:.1} {HEIGHT}L0 {HEIGHT}Z"/><path class="line" d="{line}"/>"#
    );
    if let Some(limit) = curve.limit {
        let y = y(limit);
        let _ = write!(
            content,
            r#"<line class="limit" x1="0" y1="{y:.1}" x2="{WIDTH}" y2="{y:.1}"/>"#
        );
    }
    let drawing = drawing(curve.label, &content);
    let (label, labels) = (escaped(curve.label), span.labels());
    let from_top = y(top);
    format!(
        r#"<figure class="chart">
<figcaption>{label}</figcaption>
<div class="y"><span style="top:{from_top:.0}%">{top:.0}</span><span style="top:100%">0</span></div>
{drawing}
{labels}
</figure>
"#
    )
}
