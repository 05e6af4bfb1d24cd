"""Computes the figures of `calibration` again from a file of the retailer's format.

    python -m connectors.generator.fit FILE.csv.gz

Maximum likelihood on grids, the standard library only, a few seconds for 15,000 lines.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from math import exp, lgamma, log
from pathlib import Path
from typing import NamedTuple

from .invoices import read_invoices


class Sample(NamedTuple):
    """What is counted: SKUs by how often sold, invoices by lines, consumers' lines by pieces."""

    skus: Counter[str]
    lines: Counter[int]
    pieces: Counter[int]


def sample(path: str | Path) -> Sample:
    """Sale lines of goods with a five-digit code; a consumer's line is one without customer account."""
    skus: Counter[str] = Counter()
    lines: Counter[int] = Counter()
    pieces: Counter[int] = Counter()
    for invoice in read_invoices(path):
        sold = [line for line in invoice.goods if line.quantity > 0 and line.sku[:5].isdigit()]
        if invoice.taken_back or not sold:
            continue
        lines[len(sold)] += 1
        skus.update(line.sku for line in sold)
        if not invoice.customer:
            pieces.update(line.quantity for line in sold)
    return Sample(skus, lines, pieces)


def fit_lines(lines: Mapping[int, int]) -> tuple[float, float]:
    """Shape and mean (before truncation) of the zero-truncated negative binomial of sampled lines per invoice."""

    def likelihood(shape: float, mean: float) -> float:
        zero = shape * log(shape / (shape + mean))
        return sum(
            invoices
            * (lgamma(count + shape) - lgamma(shape) - lgamma(count + 1) + count * log(mean / (shape + mean)) + zero)
            for count, invoices in lines.items()
        ) - sum(lines.values()) * log(1 - exp(zero))

    grid = ((shape / 100, mean / 100) for shape in range(20, 100, 2) for mean in range(60, 180, 2))
    return max(grid, key=lambda point: likelihood(*point))


def fit_popularity(skus: Counter[str]) -> tuple[int, float, float]:
    """Number of SKUs, exponent and shift of the Zipf-Mandelbrot law, from how many SKUs were sold 0, 1, 2, ...

    Times.
    """
    counts = Counter(skus.values())
    grid = (
        (n, s, q) for n in range(2700, 3500, 200) for s in (1.0, 1.2, 1.5, 1.8, 2.0) for q in (50, 100, 200, 300, 400)
    )
    return max(grid, key=lambda point: _popularity_likelihood(counts, skus.total(), *point))


def _popularity_likelihood(counts: Counter[int], drawn: int, n_skus: int, exponent: float, shift: float) -> float:
    weights = [(rank + shift) ** -exponent for rank in range(1, n_skus + 1)]
    scale = drawn / sum(weights)
    # Neighbouring ranks have nearly the same rate: one Poisson law for each group of 3 %.
    groups: list[tuple[float, int]] = []
    at = 0
    while at < n_skus:
        end = min(n_skus, max(at + 1, int(at * 1.03) + 1))
        groups.append((scale * sum(weights[at:end]) / (end - at), end - at))
        at = end
    seen = counts.total()
    found = lgamma(n_skus + 1) - lgamma(n_skus - seen + 1)
    for count, skus in ((0, n_skus - seen), *counts.items()):
        chance = sum(size * exp(count * log(rate) - rate - lgamma(count + 1)) for rate, size in groups) / n_skus
        found += skus * log(max(chance, 1e-300))
    return found


def main() -> None:
    """Prints the figures."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m connectors.generator.fit FILE.csv.gz")
    found = sample(sys.argv[1])
    n_skus, exponent, shift = fit_popularity(found.skus)
    shape, mean = fit_lines(found.lines)
    print(f"sale lines {found.skus.total()}, SKUs {len(found.skus)}, invoices {found.lines.total()}")
    print(f"popularity: {n_skus} SKUs, exponent {exponent}, shift {shift}")
    print(f"lines per invoice: shape {shape}, mean sampled {mean}")
    print(f"pieces of consumers' lines: {dict(sorted(found.pieces.items()))}")


if __name__ == "__main__":
    main()
