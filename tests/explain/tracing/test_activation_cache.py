"""The cache of a run: a dictionary with names, filters, copies, and a file."""

import numpy as np
import pytest

from explain import ActivationCache
from model import HookError, MirnetError


@pytest.fixture
def cache() -> ActivationCache:
    rng = np.random.default_rng(0)
    first = rng.random((1, 4, 6, 2), dtype="float32")
    return ActivationCache(
        {
            "in": first,
            "rrg_1/in": first,
            "rrg_1/spatial/gate": rng.random((1, 4, 6, 1), dtype="float32"),
            "rrg_1/channel/gate": rng.random((1, 1, 1, 2), dtype="float32"),
            "out": rng.random((1, 4, 6, 2), dtype="float32"),
        }
    )


def test_names_are_in_the_order_of_execution(cache):
    assert cache.names == ("in", "rrg_1/in", "rrg_1/spatial/gate", "rrg_1/channel/gate", "out")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("*/gate", ("rrg_1/spatial/gate", "rrg_1/channel/gate")),
        ("rrg_?/in", ("rrg_1/in",)),
        (["out", "in"], ("in", "out")),
        (lambda name: "/" not in name, ("in", "out")),
    ],
)
def test_a_filtered_cache_is_a_cache_of_the_same_arrays(cache, names, expected):
    found = cache.filter(names)
    assert isinstance(found, ActivationCache)
    assert found.names == expected
    assert all(found[name] is cache[name] for name in expected)


def test_a_filter_that_fits_nothing_is_refused(cache):
    with pytest.raises(HookError, match=r"no hook point of this cache fits '\*/gates'; did you mean rrg_1/"):
        cache.filter("*/gates")


def test_a_name_that_is_missing_is_told_with_near_ones(cache):
    with pytest.raises(KeyError, match="'spatial/gate' is not in this cache of 5 tensors; did you mean rrg_1/spatial"):
        cache["spatial/gate"]
    assert cache.get("spatial/gate") is None
    assert "spatial/gate" not in cache


def test_arrays_of_ones_own_can_be_written_to(cache):
    before = cache["in"].copy()
    own = cache.to_numpy()
    assert type(own) is dict
    assert own["in"] is own["rrg_1/in"]
    own["in"][...] = 0
    np.testing.assert_array_equal(cache["in"], before)


def test_what_was_saved_is_loaded(cache, tmp_path):
    path = tmp_path / "cache.npz"
    cache.save(path)
    assert list(tmp_path.iterdir()) == [path]
    with np.load(path) as file:
        assert tuple(file.files) == cache.names
    found = ActivationCache.load(path)
    assert found.names == cache.names
    for name in cache:
        np.testing.assert_array_equal(found[name], cache[name])
        assert found[name].dtype == cache[name].dtype


@pytest.mark.parametrize(
    ("name", "message"),
    [("cache.npy", "must end in .npz"), ("cache", "must end in .npz"), ("no/cache.npz", "there is no folder")],
)
def test_a_wrong_name_writes_nothing(cache, tmp_path, name, message):
    with pytest.raises(MirnetError, match=message):
        cache.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_cache_is_refused(tmp_path):
    path = tmp_path / "cache.npz"
    with pytest.raises(MirnetError, match=r"cache.npz: No such file"):
        ActivationCache.load(path)
    for content in (b"", b"PK\x03\x04 not really", b"words"):
        path.write_bytes(content)
        with pytest.raises(MirnetError, match="is not a saved cache, or is damaged"):
            ActivationCache.load(path)
    np.savez(path, **{"in": np.array([{}], dtype=object)})
    with pytest.raises(MirnetError, match="is not a saved cache"):
        ActivationCache.load(path)


def test_it_is_shown_in_a_few_lines(cache):
    lines = repr(cache).splitlines()
    assert lines[0] == "ActivationCache of 5 tensors, 0.0 MB:"
    assert lines[1:] == [f"  {name} {cache[name].shape}" for name in cache]
    many = ActivationCache({f"tensor_{k}": np.zeros((1, 1), "float32") for k in range(30)})
    assert repr(many).splitlines()[-1] == "  and 22 more: .names lists them"


def test_it_is_a_dictionary(cache):
    more = cache | {"out": np.zeros(1)}
    assert list(more) == list(cache)
    assert {**cache}.keys() == cache.keys()
