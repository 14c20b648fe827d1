"""What a trace changes in a fix: nothing is proved by it, and what it has seen fail is no grant."""

import pytest

from einlint.diagnostics import Applicability, Diagnostic
from einlint.linting.engine import check, read
from einlint.linting.trace_index import index_of
from einlint.rewriting.assumptions import BATCH_SIZES_EQUAL, EQUAL_SIZES, NO_AUTOCAST
from einlint.settings import Settings
from einlint.source.file import SourceFile
from einlint.trace.store import Trace
from tests.trace.rows import FILE, row_of, signature, site_of

SAFE, UNSAFE = Applicability.SAFE, Applicability.UNSAFE
TRUSTING = Settings(trust_trace=True)
CALL = 'torch.einsum("bij,bjk->bik", a, b)'
GOOD = ((8, 2, 3), (8, 3, 4))
BROADCAST = ((8, 2, 3), (8, 1, 4))


def found(
    settings: Settings, *shapes: tuple[int, ...], call: str = CALL, before: str = ""
) -> Diagnostic:
    """The finding for a call that was seen once, with these shapes."""
    text = f"import torch\n{before}x = {call}\n"
    source = read(FILE, text.encode(), settings)
    assert isinstance(source, SourceFile)
    equation = call.split('"')[1]
    trace = Trace(rows=(row_of(site_of(text, call), signature(equation, *shapes)),))
    (finding,) = check(source, settings, index_of(trace, "torch.einsum").of(FILE)).diagnostics
    assert finding.fix is not None
    return finding


def safety(finding: Diagnostic) -> tuple[Applicability, list[str]]:
    assert finding.fix is not None
    return finding.fix.applicability, [each.name for each in finding.fix.unmet]


def test_what_was_seen_is_no_proof() -> None:
    assert safety(found(Settings(assume=()), *GOOD)) == (UNSAFE, [EQUAL_SIZES])


def test_what_was_seen_is_granted_where_traces_are_trusted() -> None:
    trusting = Settings(assume=(), trust_trace=True)
    assert safety(found(trusting, *GOOD)) == (SAFE, [])


def test_a_trusted_trace_grants_each_assumption_by_its_own() -> None:
    reduction = 'torch.einsum("ij->i", a)'
    assert safety(found(Settings(), (2, 3), call=reduction)) == (UNSAFE, [NO_AUTOCAST])
    assert safety(found(TRUSTING, (2, 3), call=reduction)) == (SAFE, [])


@pytest.mark.parametrize("settings", [Settings(), TRUSTING])
def test_what_was_seen_to_fail_is_not_granted(settings: Settings) -> None:
    """The default settings grant that sizes are equal."""
    finding = found(settings, *BROADCAST)
    assert safety(finding) == (UNSAFE, [EQUAL_SIZES])
    (unmet,) = finding.fix.unmet  # type: ignore[union-attr]
    assert unmet.condition.endswith("it did not hold in 1 of the 1 call seen")


def test_a_trace_is_no_proof_that_bmm_does_not_raise() -> None:
    granting = Settings(assume=(EQUAL_SIZES, BATCH_SIZES_EQUAL), trust_trace=True)
    fix = found(granting, *GOOD).fix
    assert fix is not None
    assert fix.message == "Replace with `a @ b`"


def test_batches_that_broadcast_take_a_grant_away() -> None:
    batched = 'torch.einsum("...ij,...jk->...ik", a, b)'
    granting = Settings(assume=(EQUAL_SIZES, BATCH_SIZES_EQUAL))
    assert safety(found(TRUSTING, *GOOD, call=batched)) == (SAFE, [])
    assert safety(found(granting, *GOOD, call=batched)) == (SAFE, [])
    broadcast = found(granting, (1, 2, 3), (8, 3, 4), call=batched)
    assert safety(broadcast) == (UNSAFE, [BATCH_SIZES_EQUAL])


@pytest.mark.parametrize("shapes", [GOOD, BROADCAST])
def test_a_proof_of_the_source_goes_before(shapes: tuple[tuple[int, ...], ...]) -> None:
    proved = "a = torch.ones(8, 2, 3)\nb = torch.ones(8, 3, 4)\n"
    assert safety(found(Settings(assume=()), *shapes, before=proved)) == (SAFE, [])


def test_how_often_it_was_seen() -> None:
    call = found(Settings(), *GOOD).about
    assert call is not None
    assert call.seen is not None
    assert (call.seen.calls, call.seen.share) == (1, 1.0)
