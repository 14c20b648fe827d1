"""Warn about settings whose `assume` drops an assumption that is granted by default."""

from collections.abc import Iterable, Iterator

from einlint.cli.visit import Target


def missing_default_grants(targets: Iterable[Target]) -> Iterator[str]:
    """One note for each settings file that grants less than the default."""
    settings = {target.sources[-1]: target.settings for target in targets if target.sources}
    for source, each in settings.items():
        if each.left_out:
            names = " and ".join(f"`{name}`" for name in each.left_out)
            way_out = "use `extend-assume` to add to the defaults"
            text = f"`assume` drops {names}, granted by default; {way_out}"
            yield f"{source}: {text}"
