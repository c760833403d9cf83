//! The plot of the README: the CPU of one refresh, ours and others', as bars on a logarithmic scale.

use crate::measure::ms;
use crate::peers::Cost;
use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const LEFT: f64 = 120.0;
const RIGHT: f64 = 90.0;
const BAR: f64 = 18.0;
const STEP: f64 = 24.0;
const TITLE: f64 = 40.0;

/// Milliseconds at the left end of the scale, and at the right.
const SCALE: (f64, f64) = (0.1, 1000.0);

/// Draws one group of bars for each number of processes, the cheapest first.
pub(crate) fn draw(costs: &[Cost]) -> String {
    let mut counts: Vec<usize> = costs.iter().map(|cost| cost.count).collect();
    counts.sort_unstable();
    counts.dedup();
    let mut body = String::new();
    let mut top = 8.0;
    for count in counts {
        let mut group: Vec<&Cost> = costs.iter().filter(|cost| cost.count == count).collect();
        group.sort_by_key(|cost| cost.refresh);
        let _ = writeln!(
            body,
            r#"<text x="{LEFT}" y="{:.0}" class="title">CPU of one refresh beside {count} idle processes</text>"#,
            top + 22.0
        );
        top += TITLE;
        for cost in group {
            bar(&mut body, top, cost);
            top += STEP;
        }
    }
    let height = top + 12.0;
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="13">
<style>text {{ fill: #1b1f24; }} .title {{ font-weight: bold; }} .other {{ fill: #9aa4b1; }} .ours {{ fill: #1f8a4c; }}</style>
<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>
{body}</svg>
"##
    )
}

fn bar(body: &mut String, top: f64, cost: &Cost) {
    let time = ms(cost.refresh);
    let (from, to) = SCALE;
    let share = ((time / from).ln() / (to / from).ln()).clamp(0.01, 1.0);
    let length = share * (WIDTH - LEFT - RIGHT);
    let class = if cost.name == "runaway-guard" { "ours" } else { "other" };
    let (middle, name) = (top + BAR * 0.72, &cost.name);
    let _ = writeln!(
        body,
        r#"<text x="{:.0}" y="{middle:.1}" text-anchor="end">{name}</text><rect x="{LEFT}" y="{top:.1}" width="{length:.1}" height="{BAR}" rx="2" class="{class}"/><text x="{:.1}" y="{middle:.1}">{time:.2} ms</text>"#,
        LEFT - 8.0,
        LEFT + length + 6.0,
    );
}
