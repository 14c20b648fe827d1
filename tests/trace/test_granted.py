"""What a trace changes in a fix: nothing is proved by it, and what it has seen fail is no grant."""

import pytest

from einlint.diagnostics import Applicability, Diagnostic
from einlint.linting.engine import check, read
from einlint.linting.trace_index import index_of
from einlint.rewriting.assumptions import BATCH_SIZES_EQUAL, EQUAL_SIZES, NO_AUTOCAST, RANKS_FIT
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
    settings: Settings,
    *shapes: tuple[int, ...],
    call: str = CALL,
    before: str = "",
    calls: int = 3,
    device: str = "cpu",
) -> Diagnostic:
    """The finding for a call that was seen some times, with these shapes."""
    text = f"import torch\n{before}x = {call}\n"
    source = read(FILE, text.encode(), settings)
    assert isinstance(source, SourceFile)
    equation = call.split('"')[1]
    seen = signature(equation, *shapes, device=device)
    trace = Trace(rows=(row_of(site_of(text, call), seen, calls),))
    (finding,) = check(source, settings, index_of(trace, "torch.einsum").of(FILE)).diagnostics
    assert finding.fix is not None
    return finding


def safety(finding: Diagnostic) -> tuple[Applicability, list[str]]:
    assert finding.fix is not None
    return finding.fix.applicability, [each.name for each in finding.fix.unmet]


def test_what_was_seen_is_no_proof() -> None:
    assert safety(found(Settings(assume=()), *GOOD)) == (UNSAFE, [EQUAL_SIZES, RANKS_FIT])


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
    assert unmet.condition.endswith("it did not hold in 3 of the 3 calls seen")


def test_a_trace_is_no_proof_that_bmm_does_not_raise() -> None:
    granting = Settings(extend_assume=(BATCH_SIZES_EQUAL,), trust_trace=True)
    fix = found(granting, *GOOD).fix
    assert fix is not None
    assert fix.message == "Replace with `a @ b`"


def test_batches_that_broadcast_take_a_grant_away() -> None:
    batched = 'torch.einsum("...ij,...jk->...ik", a, b)'
    granting = Settings(extend_assume=(BATCH_SIZES_EQUAL,))
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
    assert (call.seen.calls, call.seen.share) == (3, 1.0)


REDUCTION = 'torch.einsum("ij->i", a)'


def conditions(finding: Diagnostic) -> list[str]:
    assert finding.fix is not None
    return [each.condition for each in finding.fix.unmet]


def test_two_calls_grant_nothing() -> None:
    finding = found(TRUSTING, (2, 3), call=REDUCTION, calls=2)
    assert safety(finding) == (UNSAFE, [NO_AUTOCAST])
    assert conditions(finding)[0].endswith("seen in 2 calls on cpu, and 3 are needed")
    granting = Settings(extend_assume=(NO_AUTOCAST,))
    assert safety(found(granting, (2, 3), call=REDUCTION, calls=2)) == (SAFE, [])


@pytest.mark.parametrize(
    ("code", "phrase"),
    [
        ("a = a.cuda()", "names cuda"),
        ("device = 'cuda' if torch.cuda.is_available() else 'cpu'", "names cuda"),
        ("b = torch.ones(2, device='cuda:1')", "names cuda"),
        ("b = torch.ones(2, device=f'cuda:{rank}')", "names cuda"),
        ("a = a.to('mps')", "names mps"),
        ("trainer = Trainer(accelerator='gpu')", "names gpu"),
        ("a = a.to(device)", "moves tensors to `device`"),
    ],
)
def test_a_run_on_the_cpu_is_no_evidence_for_another_device(code: str, phrase: str) -> None:
    finding = found(TRUSTING, (2, 3), call=REDUCTION, before=f"{code}\n")
    assert safety(finding) == (UNSAFE, [NO_AUTOCAST])
    assert conditions(finding)[0].endswith(f"seen in 3 calls on cpu alone, and the code {phrase}")
    there = found(TRUSTING, (2, 3), call=REDUCTION, before=f"{code}\n", device="cuda:0")
    assert safety(there) == (SAFE, [])


@pytest.mark.parametrize(
    "code",
    ["m = torch.zeros(2).to(a.device)", "mps = a.mps", "'on cuda it is slow'", "d = a.device"],
)
def test_what_is_no_other_device(code: str) -> None:
    assert safety(found(TRUSTING, (2, 3), call=REDUCTION, before=f"{code}\n")) == (SAFE, [])


@pytest.mark.parametrize("device", ["cpu", "cuda:0"])
@pytest.mark.parametrize("settings", [TRUSTING, Settings(extend_assume=(NO_AUTOCAST,))])
def test_an_autocast_that_the_code_shows_goes_before(settings: Settings, device: str) -> None:
    on = "torch.set_autocast_enabled(True)\n"
    finding = found(settings, (2, 3), call=REDUCTION, before=on, device=device)
    assert safety(finding) == (UNSAFE, [NO_AUTOCAST])
    assert conditions(finding)[0].endswith(
        "(`no-autocast`): the code shows an autocast there (line 2)"
    )
