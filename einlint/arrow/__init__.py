"""Check whole tables of sources: Arrow record batches in, findings out; needs `einlint[scan]`."""

from einlint.arrow.batch import check_batch
from einlint.arrow.schema import findings_schema

__all__ = ["check_batch", "findings_schema"]
