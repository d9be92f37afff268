"""Draws a chart with Matplotlib, without pyplot and without the machine's settings."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from markupsafe import Markup

from fintech_infra.report.charts.model import Band, Line, Mark
from fintech_infra.report.charts.svg import INK, SERIES, finished
from fintech_infra.report.charts.words import described, shortened, tick
from fintech_infra.report.plain import one_line

_WIDTH: Final = 720
_PLOT: Final = 190
"""Both in pixels; the second is the height of the plot itself."""
_LEFT: Final = 66
_RIGHT: Final = 26
_BELOW: Final = 42
_TITLE: Final = 22
_ROW: Final = 17
"""Height of a row of the legend."""
_COLUMNS: Final = 4
_KEY: Final = 60
_LETTER: Final = 7
"""Widths in the legend: of a line with the space around it, and of a letter at most, roughly."""
_LABEL: Final = 34
"""Characters of a name that the legend has room for."""
_HEADING: Final = 90
_LATE: Final = 0.7
"""Share of the width beyond which the label of a moment stands before it."""
_LEVELS: Final = 4
"""Heights at which labels of moments are written, so that neighbours do not overlap."""
_LARGEST: Final = 1e100
"""What Matplotlib can still lay a scale over."""
_DASHES: Final[tuple[Any, ...]] = ("solid", (0, (5, 2.5)), (0, (1.5, 1.8)), (0, (7, 2, 1.5, 2)))


_MISSING: Final = (
    "matplotlib is not installed; the extras canary, diagnose and rightsize bring it: "
    "pip install 'fintech_infra[canary]'"
)


class MissingChartsError(Exception):
    """The library that draws is not installed."""


def chart(
    lines: Sequence[Line],
    *,
    title: str,
    unit: str,
    bands: Sequence[Band] = (),
    marks: Sequence[Mark] = (),
    from_zero: bool = False,
    description: str = "",
    key: str = "",
) -> Markup:
    """Draw a chart as an SVG element; the package says what the arguments are.

    Raises:
        MissingChartsError: Matplotlib is not installed.
    """
    try:
        import matplotlib as library
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingChartsError(_MISSING) from error
    named = [it.name for it in lines]
    labels = [*named, *(it.name for it in bands if it.name not in named)]
    columns = _columns(labels)
    rows = math.ceil(len(labels) / columns)
    height = _TITLE + rows * _ROW + 8 + _PLOT + _BELOW
    page = io.StringIO()
    # Of names in a script that its own font lacks, which the browser's has, and of huge values.
    with library.rc_context(), warnings.catch_warnings(action="ignore"):
        library.rcdefaults()
        library.rc("svg", fonttype="none", hashsalt="fintech-infra")
        library.rc("text", parse_math=False)
        figure = Figure(figsize=(_WIDTH / 72, height / 72), dpi=72)
        FigureCanvasSVG(figure)
        room = (_LEFT, _BELOW, _WIDTH - _LEFT - _RIGHT, _PLOT)
        axes = figure.add_axes(
            (room[0] / _WIDTH, room[1] / height, room[2] / _WIDTH, room[3] / height)
        )
        keys = [*_draw_bands(axes, bands, named), *_draw_lines(axes, lines)]
        if from_zero:
            axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        _draw_axes(axes, _moments(lines, bands))
        _draw_marks(axes, marks)
        _draw_heading(figure, f"{title}, {unit}" if unit else title, keys, height, columns)
        figure.savefig(page, format="svg", transparent=True, metadata=dict.fromkeys(
            ("Date", "Creator", "Format", "Type")))  # fmt: skip
    said = description or described(lines, bands, marks, unit)
    own = sha256(f"{key}\0{title}\0{page.getvalue()}".encode()).hexdigest()[:10]
    # Nothing of it is anybody's: `finished` writes every text anew, escaped.
    return Markup(finished(page.getvalue(), f"plot-{own}", one_line(title), one_line(said)))  # noqa: S704


def _moments(lines: Iterable[Line], bands: Iterable[Band]) -> list[datetime]:
    ends = [(it.times[0], it.times[-1]) for it in (*lines, *bands) if len(it.times)]
    return [min(start for start, _ in ends), max(end for _, end in ends)] if ends else []


def _draw_lines(axes: Any, lines: Sequence[Line]) -> Iterator[tuple[Any, str]]:
    for at, line in enumerate(lines):
        colour = SERIES[at % len(SERIES)]
        times, values = _broken(line)
        dash = at // len(SERIES) % len(_DASHES)
        (drawn,) = axes.plot(
            times,
            values,
            color=colour,
            linewidth=1.6,
            linestyle=_DASHES[1 if line.dashed and dash == 0 else dash],
            zorder=3,
        )
        alone = _alone(values)
        axes.plot(
            [times[place] for place in alone],
            [values[place] for place in alone],
            color=colour,
            linestyle="none",
            marker="o",
            markersize=3.2,
            markeredgewidth=0,
            zorder=3,
        )
        yield drawn, line.name


def _broken(line: Line) -> tuple[list[datetime], list[float]]:
    """Times in UTC and values, with a gap wherever the line breaks."""
    times: list[datetime] = []
    values: list[float] = []
    for time, value in zip(line.times, line.values, strict=True):
        moment = time.astimezone(UTC)
        if times and line.gap is not None and moment - times[-1] > line.gap:
            times.append(times[-1] + line.gap / 2)
            values.append(math.nan)
        times.append(moment)
        values.append(_drawable(value))
    return times, values


def _drawable(value: float) -> float:
    return value if abs(value) <= _LARGEST else math.nan


def _alone(values: Sequence[float]) -> list[int]:
    """Places of values with a gap on either side, which a line would not show."""
    known = [False, *(not math.isnan(value) for value in values), False]
    return [at - 1 for at in range(1, len(known) - 1)
            if known[at] and not known[at - 1] and not known[at + 1]]  # fmt: skip


def _draw_bands(
    axes: Any, bands: Sequence[Band], named: Sequence[str]
) -> Iterator[tuple[Any, str]]:
    for at, band in enumerate(bands):
        place = named.index(band.name) if band.name in named else len(named) + at
        drawn = axes.fill_between(
            [time.astimezone(UTC) for time in band.times],
            [_drawable(value) for value in band.lower],
            [_drawable(value) for value in band.upper],
            color=SERIES[place % len(SERIES)],
            alpha=0.2,
            linewidth=0,
            zorder=1,
        )
        if band.name not in named:
            yield drawn, band.name


def _draw_axes(axes: Any, ends: Sequence[datetime]) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(INK["edge"])
    axes.grid(axis="y", color=INK["grid"], linewidth=0.8, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=INK["soft"], labelsize=11, pad=6)
    axes.tick_params(axis="x", length=3, color=INK["edge"])
    axes.yaxis.get_major_locator().set_params(nbins=5)
    axes.yaxis.set_major_formatter(lambda value, _: tick(value))
    if not ends:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.text(0.5, 0.5, "no samples", transform=axes.transAxes, ha="center", color=INK["soft"])
        return
    # Gaps at the ends belong to the time that is shown.
    room = (ends[1] - ends[0]) / 100 or timedelta(minutes=1)
    axes.set_xlim(ends[0] - room, ends[1] + room)
    locator = AutoDateLocator(maxticks=9, tz=UTC)
    # A year in it would be written at the first tick of every day.
    formats = ["%Y", "%Y-%m", "%d %b", "%H:%M", "%H:%M", "%H:%M:%S"]
    zero = ["", "%Y", "%d %b", "%d %b", "%H:%M", "%H:%M"]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(
        ConciseDateFormatter(locator, tz=UTC, formats=formats, zero_formats=zero, show_offset=False)
    )
    first, last = (it.astimezone(UTC).date().isoformat() for it in ends)
    axes.set_xlabel(f"UTC, {first}" + (f" to {last}" if last != first else ""),
                    loc="left", color=INK["soft"], fontsize=11)  # fmt: skip


def _draw_marks(axes: Any, marks: Iterable[Mark]) -> None:
    left, right = axes.get_xlim()
    levels = 0
    for mark in marks:
        look = {"color": INK["mark"], "linewidth": 1.2, "linestyle": (0, (4, 3)), "zorder": 2}
        words = {"color": INK["text"], "fontsize": 11, "zorder": 4, "gid": "plot-mark"}
        label = shortened(one_line(mark.label), _LABEL)
        if mark.value is not None and math.isnan(_drawable(mark.value)):
            continue
        if mark.value is not None:
            axes.axhline(mark.value, **look)
            axes.annotate(label, (1, mark.value), xycoords=("axes fraction", "data"), ha="right",
                          xytext=(-2, 3), textcoords="offset points", **words)  # fmt: skip
        elif mark.time is not None:
            drawn = axes.axvline(mark.time.astimezone(UTC), **look)
            far = axes.convert_xunits(drawn.get_xdata()[0])
            late = right > left and (far - left) / (right - left) > _LATE
            axes.annotate(label, (far, 1), xycoords=("data", "axes fraction"),
                          xytext=(-4 if late else 4, -11 - 14 * (levels % _LEVELS)),
                          textcoords="offset points", ha="right" if late else "left",
                          **words)  # fmt: skip
            levels += 1


def _columns(labels: Iterable[str]) -> int:
    """Columns of the legend that the width has room for."""
    longest = max((len(shortened(one_line(it), _LABEL)) for it in labels), default=1)
    return max(1, min(_COLUMNS, _WIDTH // (_KEY + longest * _LETTER)))


def _draw_heading(
    figure: Any, title: str, keys: Sequence[tuple[Any, str]], height: int, columns: int
) -> None:
    figure.text(4 / _WIDTH, 1 - 15 / height, shortened(one_line(title), _HEADING),
                fontsize=13, color=INK["text"], gid="plot-title")  # fmt: skip
    if not keys:
        return
    # A label that begins with an underscore would be left out, so they are set afterwards.
    legend = figure.legend(
        [handle for handle, _ in keys],
        [str(at) for at in range(len(keys))],
        loc="upper left",
        bbox_to_anchor=(0, 1 - _TITLE / height),
        ncols=columns,
        frameon=False,
        fontsize=11,
        labelcolor=INK["text"],
        borderpad=0.3,
        labelspacing=0.35,
    )
    for text, (_, name) in zip(legend.get_texts(), keys, strict=True):
        text.set_text(shortened(one_line(name), _LABEL))
