"""Fill a template of this folder; all text of users is escaped."""

from collections.abc import Mapping, Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined


def rendered(
    template: str, values: Mapping[str, object], *, styles: Sequence[str], script: str
) -> str:
    """A whole page: a template with values, style sheets and a script, all named by their file."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made = environment.from_string(_text(template))
    style = "".join(map(_text, styles))
    text = made.render(values, style=style, script=_text(script) if script else "")
    # File names may contain bytes that are not UTF-8.
    return text.encode("utf-8", "replace").decode() + "\n"


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
