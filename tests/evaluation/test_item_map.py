"""The item map: PCA as numpy's SVD has it, groups in words, and refusals that say what to do."""

import importlib.util

import numpy as np
import pytest

from recmagic.errors import DataError, ModelError
from recmagic.evaluation.embeddings import Embeddings
from recmagic.evaluation.item_map import item_map
from recmagic.widgets.item_map.widget import ItemMapView
from tests.evaluation.conformance import small_data


@pytest.fixture(scope="module")
def data():
    return small_data()


def vectors(data, width=5):
    rows = np.arange(1, data.items.count + 1, dtype=np.int32)
    found = np.random.default_rng(0).normal(size=(len(rows), width)).astype(np.float32) * np.arange(width, 0, -1)
    return Embeddings("items", rows, found.astype(np.float32), data.items.frame, np.ones(len(rows), bool), "m")


def test_pca_is_that_of_the_singular_values(data):
    every = vectors(data)
    found = item_map(every, data, "popularity", "pca")
    centred = every.vectors - every.vectors.mean(axis=0)
    left, values, _ = np.linalg.svd(centred.astype(np.float64), full_matrices=False)
    np.testing.assert_allclose(np.abs(found.places), np.abs(left[:, :2] * values[:2]), rtol=1e-4, atol=1e-5)
    assert found.share == pytest.approx((values[:2] ** 2).sum() / (values**2).sum(), rel=1e-4)


def test_items_that_the_model_does_not_know_are_left_out(data):
    every = vectors(data)
    every.known[2] = False
    found = item_map(every, data, "popularity", "pca")
    assert len(found.df) == data.items.count - 1 and 3 not in found.every.rows
    assert list(found.df.columns) == ["item_id", "x", "y", "title", "color"]
    assert repr(found) == repr(item_map(every, data, "popularity", "pca"))


def test_vectors_of_one_number_lie_on_a_line(data):
    assert (item_map(vectors(data, 1), data, "popularity", "pca").places[:, 1] == 0).all()


def test_what_cannot_be_drawn_is_refused(data):
    with pytest.raises(DataError, match="no column 'popularty'"):
        item_map(vectors(data), data, "popularty", "pca")
    with pytest.raises(DataError, match="no method 'tsne'"):
        item_map(vectors(data), data, None, "tsne")


@pytest.mark.skipif(importlib.util.find_spec("umap") is not None, reason="umap is installed")
def test_umap_that_is_not_there_is_asked_for(data):
    with pytest.raises(ModelError, match="UMAP is not installed"):
        item_map(vectors(data), data, "popularity", "umap")


def test_the_page_gets_bytes_and_asks_for_the_rest(data):
    found = item_map(vectors(data), data, "popularity", "pca")
    view, sent = ItemMapView(found), []
    places = np.frombuffer(view.places, "<f4").reshape(-1, 2)
    assert places.shape == found.places.shape and places.min() == 0 and places.max() == 1
    assert sum(each["count"] for each in view.state["names"]) == len(places) == len(view.groups)
    view.send = lambda reply, *_: sent.append(reply)
    view._asked(view, {"number": 1, "verb": "near", "options": {"place": 0}}, [])
    near = sent[0]["answer"]["near"]
    unit = found.every.vectors / np.linalg.norm(found.every.vectors, axis=1, keepdims=True)
    cosine = unit @ unit[0]
    cosine[0] = -2
    assert near[0]["place"] == cosine.argmax() and near[0]["cosine"] == pytest.approx(cosine.max(), abs=1e-5)
    view._asked(view, {"number": 2, "verb": "find", "options": {"text": found.titles[4]}}, [])
    assert sent[1]["answer"][0] == {"place": 4, "title": found.titles[4]}
