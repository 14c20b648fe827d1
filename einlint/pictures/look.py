"""How each role looks: colours for light, dark and paper, and forms for those who see no colour."""

from typing import Final

FORMS: Final = {
    "batch": "batch",
    "free_left": "free",
    "free_right": "free",
    "contracted": "contracted",
    "diagonal": "diagonal",
    "summed": "summed",
}
"""Role -> the class of its wires and cells, in the order of the legend."""

_LIGHT: Final = (
    "--ink:#22262b;--paper:#fff;--mute:#57606a;--batch:#0969da;--free:#1a7f37;"
    "--contracted:#bc4c00;--summed:#7d4e00;--diagonal:#8250df;--doubt:#cf222e"
)
_DARK: Final = (
    "--ink:#e4e7ea;--paper:#16191c;--mute:#9aa4ae;--batch:#58a6ff;--free:#3fb950;"
    "--contracted:#f0883e;--summed:#d7a14a;--diagonal:#bc8cff;--doubt:#ff7b72"
)

_FONT: Final = "600 15px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"
_RULES: Final = (
    "text{fill:var(--ink);text-anchor:middle;dominant-baseline:central}",
    ".start{text-anchor:start}",
    ".end{text-anchor:end}",
    ".small{font-size:11.5px;font-weight:500}",
    ".mute{fill:var(--mute)}",
    ".paper{fill:var(--paper)}",
    ".wire{fill:none;stroke-width:2.2;stroke-linecap:round}",
    ".cell{fill:var(--paper);stroke-width:1.6}",
    ".number{stroke:var(--mute)}",
    ".batch{stroke:var(--batch)}",
    ".wire.batch{stroke-dasharray:7 4}",
    ".free{stroke:var(--free)}",
    ".contracted{stroke:var(--contracted)}",
    ".wire.contracted{stroke-width:3.4}",
    ".summed{stroke:var(--summed)}",
    ".wire.summed{stroke-dasharray:1.5 5;stroke-width:3}",
    ".diagonal{stroke:var(--diagonal)}",
    ".wire.diagonal{stroke-dasharray:9 3 2 3}",
    ".doubt{stroke:var(--doubt)}",
    ".cell.doubt{stroke-width:3;stroke-dasharray:4 3}",
    "text.doubt{fill:var(--doubt);stroke:none}",
    ".wire.cap{stroke-dasharray:none}",
)

STYLE: Final = "".join(
    (
        f"svg.einsum{{{_LIGHT};font:{_FONT}}}",
        f"@media(prefers-color-scheme:dark){{svg.einsum{{{_DARK}}}}}",
        f"@media print{{svg.einsum{{{_LIGHT}}}}}",
        *(f"svg.einsum {each}" for each in _RULES),
    )
)
"""The style sheet of every picture; a page holds it once for all of its pictures."""
