"""What the words for candidates say, and what they refuse."""

import pytest

from recmagic.negatives import Negatives
from recmagic.negatives.catalogue import catalogue
from recmagic.negatives.in_batch import in_batch
from recmagic.negatives.popular import popular
from recmagic.negatives.uniform import uniform


def test_what_the_words_mean():
    assert uniform(3) == Negatives("drawn", 3, 0.0, correction=False)
    assert popular(3, 0.5) == Negatives("drawn", 3, 0.5, correction=True)
    assert uniform(3, shared=True) == Negatives("drawn", 3, shared=True)
    assert popular(3, shared=True) == Negatives("drawn", 3, 0.75, correction=True, shared=True)
    assert not any(each.shared for each in (uniform(3), popular(3), in_batch(), catalogue()))
    assert in_batch() == Negatives("batch", correction=True)
    assert not in_batch(correction=False).correction
    assert catalogue() == Negatives("catalogue")


@pytest.mark.parametrize("word", [uniform, popular])
@pytest.mark.parametrize("count", [0, -1, 1.5, True, "4"])
def test_a_number_of_negatives_is_whole_and_positive(word, count):
    with pytest.raises(ValueError, match=f"{word.__name__} takes a whole number of negatives from 1 up"):
        word(count)
