"""Bar charts as SVG: no library, no font, no script; readable on a light and on a dark page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, VALUES, MARGIN, LETTER = 760, 130, 16, 7.2
BAR, STEP, GAP = 18, 25, 14
OURS, OTHERS, INK, FAINT, PAPER = "#0b7285", "#adb5bd", "#212529", "#868e96", "#ffffff"


@dataclass(frozen=True)
class Bar:
    """One bar: its label, its length, what stands behind it, and whether it is of fastw2v."""

    label: str
    value: float
    text: str
    ours: bool


def bar_chart(title: str, groups: Sequence[tuple[str, Sequence[Bar]]], note: str) -> str:
    """Return an SVG of groups of horizontal bars, each group under a heading of its own.

    All bars have one scale, from zero: lengths compare as the numbers do.
    """
    labels = 2 * MARGIN + LETTER * max(len(bar.label) for _, bars in groups for bar in bars)
    most = max(bar.value for _, bars in groups for bar in bars)
    y = MARGIN + 22
    parts = [_text(MARGIN, y, title, size=17, weight="bold")]
    for heading, bars in groups:
        y += GAP
        if heading:
            y += STEP
            parts.append(_text(MARGIN, y - 6, heading, weight="bold"))
        for bar in bars:
            length = (WIDTH - labels - VALUES - MARGIN) * bar.value / most
            colour = OURS if bar.ours else OTHERS
            middle = y + BAR / 2 + 5
            weight = "bold" if bar.ours else "normal"
            parts += [
                _text(labels - 8, middle, bar.label, anchor="end"),
                f'<rect x="{labels:.1f}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" '
                f'fill="{colour}"/>',
                _text(labels + length + 8, middle, bar.text, weight=weight),
            ]
            y += STEP
    y += GAP
    parts.append(_text(MARGIN, y + 6, note, size=11, colour=FAINT))
    height = y + MARGIN + 6
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" font-family="sans-serif" role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{height}" rx="6" fill="{PAPER}"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 13,
    weight: str = "normal",
    anchor: str = "start",
    colour: str = INK,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
    )
