"""How real trade is spread: the generator's distributions and where their figures come from.

Source of the figures: order lines of a UK online retailer, December 2010 to December 2011. Daqing Chen, *Online
Retail*, UCI Machine Learning Repository, 2015, doi 10.24432/C5BW33, licence CC BY 4.0. Fitted on a part of a
30,000-line random sample of its 541,909 lines (14,397 sale lines of 2,557 SKUs in 5,788 invoices); only the fitted
figures below are here, not the data. `python -m connectors.generator.fit FILE.csv.gz` computes them again, and a test
compares.

SKU popularity
    Zipf-Mandelbrot, weight of rank k = (k + 300) ** -1.5 over 2,900 SKUs, by maximum likelihood on how many SKUs were
    sold once, twice, ... (Poisson counts, SKUs never drawn included). Counting counts instead of fitting the ranked
    curve keeps the sample's noise out of the ranks. It expects 2,540 different SKUs in the sample; there are 2,557.
    A smaller catalogue keeps the curve's shape: the top tenth of the SKUs keeps its share of the lines.

Lines per order
    The sample is of lines, so its invoices are thinned. A zero-truncated negative binomial stays one under thinning,
    with the same shape: r = 0.56 and a mean of 1.16 sampled lines per invoice fit (2,417 invoices with one line against
    2,499 expected, 1,427 with two against 1,315, 793 with three against 757). At 30,000 / 541,909 = 5.54 % sampled,
    1.16 is 20.9 lines: the known mean of the whole data, about 20. (14,397 of 541,909 lines, 2.7 %, would give 43: the
    part holds half of the sample's invoices, not half of its lines.) That retailer sells to shops; a consumer's basket
    is far smaller: a public marketplace data set (Olist, Brazil, 2016 to 2018) has 112,650 items in 99,441 orders,
    1.13. Chosen: the same shape, thinned until one order in three has more than one line (mean 0.4 before truncation,
    1.5 lines after), between the two and rich enough in baskets to exercise splits. PDD has no cart: one line there.

Pieces per line
    As measured on the 949 sale lines without a customer account, the retailer's consumers: 58 % one piece, 19 % two,
    mean 2.9 with the tail; cut at 24 pieces (99 % of them). Lines with an account are dozens and cartons (mean 12.4).

Prices
    Log-normal with the sample's spread (standard deviation of ln price 0.92); the median of 39 yuan is chosen, since
    the sample's 1.95 pounds is wholesale.
"""

from __future__ import annotations

from itertools import accumulate
from math import exp, lgamma, log

ZIPF_EXPONENT = 1.5
ZIPF_SHIFT = 300.0
ZIPF_SKUS = 2900

LINES_SHAPE = 0.56
LINES_MEAN_SAMPLED = 1.16
LINES_MEAN_CONSUMER = 0.4
SAMPLED_SHARE = 30_000 / 541_909
MAX_CONSUMER_LINES = 8

# Pieces -> lines of the sample that have so many.
PIECES: dict[int, int] = {
    **{1: 549, 2: 179, 3: 67, 4: 44, 5: 24, 6: 24, 7: 6, 8: 6, 9: 3, 10: 8, 11: 3, 12: 2, 13: 2, 14: 2, 15: 2, 16: 4},
    **{17: 5, 18: 1, 19: 1, 20: 1, 22: 1, 24: 5},
}
PRICE_LN_SPREAD = 0.92
PRICE_MEDIAN_MINOR = 3900

MEAN_PIECES = sum(pieces * lines for pieces, lines in PIECES.items()) / sum(PIECES.values())


def popularity(n_skus: int) -> list[float]:
    """Share of the lines by rank, summing to 1: the fitted curve, stretched over n_skus ranks."""
    scale = ZIPF_SKUS / n_skus
    weights = [(rank * scale + ZIPF_SHIFT) ** -ZIPF_EXPONENT for rank in range(1, n_skus + 1)]
    total = sum(weights)
    return [weight / total for weight in weights]


def lines_per_order(mean: float = LINES_MEAN_CONSUMER, longest: int = MAX_CONSUMER_LINES) -> list[float]:
    """Probability of 1, 2, ... `longest` lines: negative binomial with the fitted shape, without its zero."""
    odds = mean / (LINES_SHAPE + mean)
    weights = [
        exp(lgamma(count + LINES_SHAPE) - lgamma(LINES_SHAPE) - lgamma(count + 1) + count * log(odds))
        for count in range(1, longest + 1)
    ]
    total = sum(weights)
    return [weight / total for weight in weights]


def mean_lines() -> float:
    """Lines of the generator's average order."""
    return sum(count * share for count, share in enumerate(lines_per_order(), start=1))


def cumulated(shares: list[float]) -> list[float]:
    """Running sums, as random.choices takes them."""
    return list(accumulate(shares))
