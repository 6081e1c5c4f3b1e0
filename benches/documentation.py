"""Writes what docs/benchmarks.md shows of benches/history: a table, and a plot in docs/images.

The plot is plain SVG. It has a panel for each case, because the counts lie three orders of
magnitude apart. Its colours follow the light or dark theme of whoever looks at it.
"""

import json
import re

PLOT = "docs/images/instructions.svg"
PAGE = "docs/benchmarks.md"
BEGIN = "<!-- begin: written by `benches/instructions.py docs` from benches/history -->"
END = "<!-- end -->"

COLUMNS = 2
WIDTH, HEIGHT = 400, 168
"""Size of a panel."""
TOP, BOTTOM, LEFT, RIGHT = 40, 32, 12, 12
"""Room around the bars of a panel."""

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; }
.version { fill: #59636e; }
.bar { fill: #8c959f; }
.newest { fill: #0969da; }
.base { stroke: #59636e; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .version { fill: #9198a1; }
  .bar { fill: #656c76; }
  .newest { fill: #4493f8; }
  .base { stroke: #9198a1; }
}
"""


def order(version):
    return [int(part) for part in version.split(".")]


def history(folder):
    """The files of the history, the newest version last."""
    entries = [json.loads(file.read_text()) for file in folder.glob("*.json")]
    return sorted(entries, key=lambda entry: order(entry["version"]))


def cases(entries):
    """The names of the cases, in the order of the newest file."""
    return list(entries[-1]["cases"])


def millions(count):
    """A number of three digits or more: 1.84, 15.3, 3,963."""
    number = count / 1e6
    digits = 2 if number < 10 else 1 if number < 100 else 0
    return f"{number:,.{digits}f}"


def panel(entries, case, x, y):
    """The bars of one case, from zero."""
    counted = [entry["cases"].get(case, {}).get("instructions") for entry in entries]
    highest = max(count for count in counted if count)
    ground = y + HEIGHT - BOTTOM
    step = (WIDTH - LEFT - RIGHT) / len(entries)
    lines = [
        f'<text class="title" x="{x + LEFT}" y="{y + 16}">{case}</text>',
        f'<line class="base" x1="{x + LEFT}" x2="{x + WIDTH - RIGHT}" y1="{ground}" y2="{ground}"/>',
    ]
    for at, (entry, count) in enumerate(zip(entries, counted)):
        middle = x + LEFT + (at + 0.5) * step
        lines.append(
            f'<text class="version" x="{middle:.0f}" y="{ground + 18}" '
            f'text-anchor="middle">{entry["version"]}</text>'
        )
        if not count:
            continue
        tall = (HEIGHT - TOP - BOTTOM - 4) * count / highest
        kind = "newest" if at == len(entries) - 1 else "bar"
        lines.append(
            f'<rect class="{kind}" x="{middle - step * 0.3:.1f}" y="{ground - tall:.1f}" '
            f'width="{step * 0.6:.1f}" height="{tall:.1f}"/>'
        )
        lines.append(
            f'<text x="{middle:.0f}" y="{ground - tall - 5:.1f}" '
            f'text-anchor="middle">{millions(count)}</text>'
        )
    return lines


def plot(entries):
    names = cases(entries)
    rows = -(-len(names) // COLUMNS)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {COLUMNS * WIDTH} {rows * HEIGHT}" '
        f'width="{COLUMNS * WIDTH}" height="{rows * HEIGHT}" role="img">',
        "<title>Million instructions of each case, by version</title>",
        f"<style>{STYLE}</style>",
    ]
    for at, case in enumerate(names):
        lines += panel(entries, case, at % COLUMNS * WIDTH, at // COLUMNS * HEIGHT)
    return "\n".join(lines + ["</svg>", ""])


def table(entries):
    """Million instructions of each case by version. A line below names what else was the same."""
    versions = [entry["version"] for entry in entries]
    lines = [
        f"| million instructions | {' | '.join(versions)} |",
        "|---|" + "---:|" * len(versions),
    ]
    for case in cases(entries):
        counted = [entry["cases"].get(case) for entry in entries]
        cells = [millions(it["instructions"]) if it else "" for it in counted]
        lines.append(f"| {case} | {' | '.join(cells)} |")
    lines.append("")
    for what in ("rustc", "valgrind", "machine"):
        values = {entry["version"]: entry[what] for entry in entries}
        if len(set(values.values())) == 1:
            lines.append(f"- {what}: {values[versions[0]]}")
        else:
            each = ", ".join(f"{value} ({version})" for version, value in values.items())
            lines.append(f"- {what}: {each}")
    return "\n".join(lines)


def write(folder, root, only_compare=False):
    """Writes the table and the plot. Returns whether they were as the history has them."""
    entries = history(folder)
    page = (root / PAGE).read_text()
    image = PLOT.removeprefix("docs/")
    part = f"{BEGIN}\n\n![Million instructions of each case, by version]({image})\n\n{table(entries)}\n\n{END}"
    marked = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    wanted = {PAGE: marked.sub(lambda _: part, page), PLOT: plot(entries)}
    assert part in wanted[PAGE], f"{PAGE} lacks {BEGIN}"
    is_same = True
    for file, text in wanted.items():
        path = root / file
        if path.exists() and path.read_text() == text:
            continue
        is_same = False
        if only_compare:
            print(f"FAILED: {file} differs from benches/history: run benches/instructions.py docs")
        else:
            path.write_text(text)
    return is_same or not only_compare
