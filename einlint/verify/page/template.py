"""Fill a template of this folder; all text of users is escaped."""

from collections.abc import Mapping, Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from einlint.output.page.document import page


def rendered(
    title: str,
    template: str,
    values: Mapping[str, object],
    *,
    sheets: Sequence[str] = (),
    script: str = "",
) -> str:
    """A whole page.

    Args:
        title: its title.
        template: the file with its body; gets `values`.
        values: what the template shows.
        sheets: the files of its style sheets, besides that of every page.
        script: the file of its script.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made = environment.from_string(text_of(template))
    text = page(title, made.render(values), map(text_of, sheets), text_of(script) if script else "")
    # File names may contain bytes that are not UTF-8.
    return text.encode("utf-8", "replace").decode()


def text_of(name: str) -> str:
    """The text of a file of this folder."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
