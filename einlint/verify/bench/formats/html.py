"""One HTML page with a crossover picture and a table for each series."""

from einlint.verify.bench.formats import BenchFormat
from einlint.verify.page.bench_page import bench_page

FORMAT = BenchFormat(bench_page)
