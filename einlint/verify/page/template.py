"""Fill a template of this folder; all text of users is escaped."""

from collections.abc import Mapping, Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined


def rendered(
    template: str, values: Mapping[str, object], *, sheets: Sequence[str], script: str
) -> str:
    """A whole page: a template with values, style sheets and a script, all named by their file."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made = environment.from_string(text_of(template))
    style = "".join(map(text_of, sheets))
    text = made.render(values, style=style, script=text_of(script) if script else "")
    # File names may contain bytes that are not UTF-8.
    return text.encode("utf-8", "replace").decode() + "\n"


def text_of(name: str) -> str:
    """The text of a file of this folder."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
