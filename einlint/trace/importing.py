"""Run an action as soon as a module has been imported, without importing it."""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

Action = Callable[[ModuleType], None]


def after_import(actions: Mapping[str, Action]) -> None:
    """Run each action on the module of its name, now or as soon as it is imported."""
    later = dict(actions)
    for name in actions:
        if name in sys.modules:
            later.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, _Finder(later))


class _Finder(MetaPathFinder):
    """Finds modules through the other finders, and runs the actions after their import."""

    def __init__(self, actions: dict[str, Action]) -> None:
        self._actions = actions
        self._is_asking = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._actions or self._is_asking:
            return None
        self._is_asking = True
        try:
            spec = find_spec(fullname)
        finally:
            self._is_asking = False
        if spec is not None and spec.loader is not None:
            self._follow(fullname, spec.loader)
        return spec

    def _follow(self, name: str, loader: object) -> None:
        run = loader.exec_module  # type: ignore[attr-defined]

        def exec_module(module: ModuleType) -> None:
            run(module)
            action = self._actions.pop(name, None)
            if action is not None:
                action(module)

        loader.exec_module = exec_module  # type: ignore[attr-defined]
