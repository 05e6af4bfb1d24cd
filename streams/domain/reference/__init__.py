"""What others keep lists of: countries, China's places, currencies; and names made comparable by them.

Each ``.tsv`` says where it is from, which version and when it was read; ``python -m tests.domain.reference.collect`` writes them anew.
"""

from .addresses import without_region
from .countries import country_of, point_of
from .currencies import digits_of
from .places import Place, place_by_code, place_of, province_of

__all__ = ["Place", "country_of", "digits_of", "place_by_code", "place_of", "point_of", "province_of", "without_region"]
