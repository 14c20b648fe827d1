"""The rewrite IR: what a replacement computes; each node knows the labels of its axes.

A node cannot be built if its labels do not fit together, and `labels` follow torch's rules for the
operation. So an expression whose final labels are the equation's output has the right axes by
construction.

Nodes with the same fields share one dataclass: every run on a file with einsum makes all of them,
and each takes half a millisecond.
"""

from dataclasses import dataclass
from typing import Protocol

from einlint.algebra.equation import ELLIPSIS, Subscripts
from einlint.algebra.labels import UNIT, LabelError, broadcast, product, split
from einlint.algebra.views import View


class Expression(Protocol):
    """A node of the IR."""

    @property
    def labels(self) -> Subscripts:
        """The labels of the result, axis by axis."""

    @property
    def parts(self) -> tuple["Expression", ...]:
        """The nodes from which this one is computed, in order of evaluation."""

    @property
    def removed(self) -> Subscripts:
        """The labels that this node itself sums over."""


@dataclass(frozen=True, slots=True)
class Operand:
    """One operand of the einsum call, by its position.

    bases: the same without the last view of its own text, without the last two, and so on.
    kept: how many views are left at the end of its text, as `views` counts them.
    """

    position: int
    labels: Subscripts
    parts: tuple[Expression, ...] = ()
    removed: Subscripts = ()
    bases: tuple["Base", ...] = ()
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Base(Operand):
    """An operand without views that its own text ends in.

    views: those that are left out, the last one first. dropped: their number, as `kept` counts.
    """

    views: tuple[View, ...] = ()
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class _OfOne:
    """A node with one source."""

    source: Expression

    @property
    def parts(self) -> tuple[Expression, ...]:
        """The source."""
        return (self.source,)


class _View(_OfOne):
    """A node that sums over nothing."""

    __slots__ = ()

    @property
    def removed(self) -> Subscripts:
        """None."""
        return ()


@dataclass(frozen=True, slots=True)
class _Relabelled(_View):
    """A view whose axes are given: they must fit those of the source."""

    labels: Subscripts

    def __post_init__(self) -> None:
        """Check that they do; each node has its own rule."""


@dataclass(frozen=True, slots=True)
class _OfTwo:
    """A node with two sources."""

    left: Expression
    right: Expression

    @property
    def parts(self) -> tuple[Expression, ...]:
        """Left, then right."""
        return (self.left, self.right)

    def __post_init__(self) -> None:
        """Check the labels of both; each node has its own rule."""


class _Unsummed(_OfTwo):
    """A product that sums over nothing."""

    __slots__ = ()

    @property
    def removed(self) -> Subscripts:
        """None."""
        return ()


class Permute(_Relabelled):
    """The same axes in the order of `labels` (transpose, permute, movedim)."""

    __slots__ = ()

    def __post_init__(self) -> None:
        is_unique = len(set(self.labels)) == len(self.labels)
        if not is_unique or sorted(self.labels) != sorted(self.source.labels):
            raise LabelError(f"{self.labels} is not a permutation of {self.source.labels}")


class Unsqueeze(_Relabelled):
    """The source with UNIT axes inserted where `labels` has them."""

    __slots__ = ()

    def __post_init__(self) -> None:
        if tuple(label for label in self.labels if label != UNIT) != self.source.labels:
            raise LabelError(f"{self.labels} is not {self.source.labels} with unit axes")


class Squeeze(_View):
    """The source without its UNIT axes."""

    __slots__ = ()

    @property
    def labels(self) -> Subscripts:
        """The remaining labels."""
        return tuple(label for label in self.source.labels if label != UNIT)


class Flatten(_Relabelled):
    """The source with neighbouring axes merged: `labels` has `"hd"` for the axes h and d."""

    __slots__ = ()

    def __post_init__(self) -> None:
        if ELLIPSIS in self.labels or split(self.labels) != split(self.source.labels):
            raise LabelError(f"{self.labels} does not merge axes of {self.source.labels}")


class Unflatten(_View):
    """The source with its merged axes split again, in the sizes that the operands have."""

    __slots__ = ()

    @property
    def labels(self) -> Subscripts:
        """One label for each axis."""
        return split(self.source.labels)


@dataclass(frozen=True, slots=True)
class Sum(_OfOne):
    """The source summed over `removed`."""

    removed: Subscripts

    def __post_init__(self) -> None:
        if not set(self.removed) <= set(self.source.labels):
            raise LabelError(f"{self.removed} are not all in {self.source.labels}")

    @property
    def labels(self) -> Subscripts:
        """The remaining labels."""
        return tuple(label for label in self.source.labels if label not in self.removed)


@dataclass(frozen=True, slots=True)
class Diagonal(_View):
    """The first two axes of `label` become one, which comes last (torch.diagonal)."""

    label: str

    def __post_init__(self) -> None:
        if self.source.labels.count(self.label) < 2:
            raise LabelError(f"{self.label} is not repeated in {self.source.labels}")

    @property
    def axes(self) -> tuple[int, int]:
        """The positions of the two axes that become one."""
        return _first_two(self.label, self.source.labels)

    @property
    def labels(self) -> Subscripts:
        """The other axes, then the diagonal."""
        # Read once: `labels` is computed recursively, and two reads here would make 2**n in all.
        source = self.source.labels
        axes = _first_two(self.label, source)
        return (*(label for axis, label in enumerate(source) if axis not in axes), self.label)


class Multiply(_Unsummed):
    """The elementwise product, broadcast from the right."""

    __slots__ = ()

    def __post_init__(self) -> None:
        broadcast(self.left.labels, self.right.labels)

    @property
    def labels(self) -> Subscripts:
        """The broadcast labels of both sides."""
        return broadcast(self.left.labels, self.right.labels)


class Outer(_Unsummed):
    """The outer product of two vectors (torch.outer)."""

    __slots__ = ()

    def __post_init__(self) -> None:
        if not (_is_vector(self.left.labels) and _is_vector(self.right.labels)):
            raise LabelError("an outer product needs two vectors")

    @property
    def labels(self) -> Subscripts:
        """The left index, then the right one."""
        return self.left.labels + self.right.labels


class MatMul(_OfTwo):
    """torch.matmul: vectors, matrices, and batches of them broadcast from the right."""

    __slots__ = ()

    def __post_init__(self) -> None:
        product(self.left.labels, self.right.labels)

    @property
    def labels(self) -> Subscripts:
        """The labels of the product."""
        return product(self.left.labels, self.right.labels)

    @property
    def removed(self) -> Subscripts:
        """The contracted index, the last one of the left side."""
        return self.left.labels[-1:]


class BatchMatMul(MatMul):
    """torch.bmm: matrices with the same batch axis on both sides, which does not broadcast."""

    __slots__ = ()

    def __post_init__(self) -> None:
        left, right = self.left.labels, self.right.labels
        if len(left) != 3 or len(right) != 3 or {ELLIPSIS, UNIT} & {*left, *right}:
            raise LabelError(f"bmm needs three named axes on each side: {left}, {right}")
        if left[0] != right[0]:
            raise LabelError(f"{left[0]} meets {right[0]} in the batch of {left} and {right}")
        product(left, right)


@dataclass(frozen=True, slots=True)
class TensorDot(_OfTwo):
    """torch.tensordot over `removed`: the remaining axes of the left side, then of the right."""

    removed: Subscripts

    def __post_init__(self) -> None:
        for side in (self.left.labels, self.right.labels):
            if ELLIPSIS in side or not set(self.removed) <= set(side):
                raise LabelError(f"{self.removed} cannot be contracted in {side}")

    @property
    def labels(self) -> Subscripts:
        """The labels of both sides without `removed`."""
        both = self.left.labels + self.right.labels
        return tuple(label for label in both if label not in self.removed)


def _first_two(label: str, labels: Subscripts) -> tuple[int, int]:
    first = labels.index(label)
    return first, labels.index(label, first + 1)


def _is_vector(labels: Subscripts) -> bool:
    return len(labels) == 1 and labels[0] not in (ELLIPSIS, UNIT)
