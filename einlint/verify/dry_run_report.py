"""The report of a dry run, as plain data."""

from dataclasses import dataclass

from einlint.verify.case import Case, Site
from einlint.verify.report import Environment, Skipped


@dataclass(frozen=True, slots=True)
class DryRun:
    """What one side would dispatch. moved_bytes: read and written by all operators but views."""

    operators: int
    copies: int
    flops: int
    moved_bytes: int


@dataclass(frozen=True, slots=True)
class DryRunCase:
    """Both sides of a case that is not run."""

    case: Case
    original: DryRun
    replacement: DryRun


@dataclass(frozen=True, slots=True)
class DryRunRewrite:
    """The cases of one rewrite. left_out: those that were not planned, and why, as texts."""

    equation: str
    original: str
    replacement: str
    sites: tuple[Site, ...]
    cases: tuple[DryRunCase, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DryRunReport:
    """The result of a dry run. only_forward: no gradients, because the device is missing."""

    environment: Environment
    results: tuple[DryRunRewrite, ...]
    skipped: tuple[Skipped, ...] = ()
    only_forward: bool = False
