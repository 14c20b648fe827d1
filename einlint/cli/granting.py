"""Settings whose `assume` leaves out what is granted by default, perhaps unknowingly."""

from collections.abc import Iterable, Iterator

from einlint.cli.visit import Target


def lacking(targets: Iterable[Target]) -> Iterator[str]:
    """One line for each settings file that grants less than the default."""
    settings = {target.sources[-1]: target.settings for target in targets if target.sources}
    for source, each in settings.items():
        if each.left_out:
            names = " and ".join(f"`{name}`" for name in each.left_out)
            text = f"`assume` leaves out {names}, granted by default; `extend-assume` only adds"
            yield f"{source}: {text}"
