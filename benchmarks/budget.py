"""Measure how long `einlint verify` takes compared with its --budget.

    python benchmarks/budget.py [SECONDS ...]

It verifies a file with more cases than fit in any of the budgets; the times include the start and
end of the process.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

EQUATIONS = ("ij,jk->ik", "bij,bjk->bik", "bhqd,bhkd->bhqk", "i,j->ij", "ij->i", "bij,jk->bik")


def main(budgets: list[float]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.py"
        calls = (f'torch.einsum("{each}", {_operands(each)})' for each in EQUATIONS)
        path.write_text("import torch\n\n" + "\n".join(calls) + "\n")
        for budget in budgets:
            spent = _seconds(path, budget)
            print(f"budget {budget:g} s: {spent:.1f} s, {spent / budget - 1:+.0%}")


def _operands(equation: str) -> str:
    return ", ".join("xyz"[: equation.count(",") + 1])


def _seconds(path: Path, budget: float) -> float:
    sizes = ("--preset", "small", "--preset", "typical", "--preset", "large")
    options = ("--isolated", "--budget", str(budget), "--threads", "1", *sizes)
    command = (sys.executable, "-m", "einlint", "verify", *options, str(path))
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    assert done.returncode in (0, 1)  # 1: the budget was too short for any case
    return time.perf_counter() - start


if __name__ == "__main__":
    main([float(text) for text in sys.argv[1:]] or [5.0, 10.0, 20.0])
