import io
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coley.biology.scoring import freeze, reference_file
from coley.biology.scoring.reference_file import load, save
from coley.model.errors import UnreadableInput


@pytest.fixture
def saved(cohort, tmp_path):
    X, sets = cohort
    reference = freeze(X, [f"gène{i}" for i in range(len(X))], sets=sets)
    save(reference, tmp_path / "reference.npz")
    return reference, tmp_path / "reference.npz"


def arrays_of(path):
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def test_it_comes_back_as_it_went(saved):
    reference, path = saved
    back = load(path)
    assert back.genes == reference.genes
    assert back.loadings.names == reference.loadings.names
    for field in ("values", "mean", "sd"):
        assert np.array_equal(getattr(back, field), getattr(reference, field))
    for field in ("indices", "starts", "weights"):
        assert np.array_equal(
            getattr(back.loadings, field), getattr(reference.loadings, field), equal_nan=True
        )


def test_it_comes_back_without_loadings(cohort, tmp_path):
    X, _ = cohort
    save(freeze(X, [str(i) for i in range(len(X))]), tmp_path / "plain.npz")
    assert load(tmp_path / "plain.npz").loadings is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": np.array([2])}, "another version"),
        ({"genes": np.array(["a", "b"])}, "one row of values for each gene"),
        ({"genes": np.array(["a"] * 200)}, "names a gene twice"),
        ({"genes": np.array([["a"] * 200])}, "one row of values"),
        ({"values": np.ones((200, 9))}, "fewer than 10 samples"),
        ({"values": np.full((200, 10), np.nan)}, "finite"),
        ({"values": np.ones((200, 10)) * np.arange(10)[::-1]}, "ascending"),
        ({"values": np.ones((200, 3), dtype=complex)}, "another kind"),
        ({"values": np.asfortranarray(np.ones((200, 3)))}, "another kind"),
        ({"set_indices": np.array([0, 999])}, "do not fit"),
        ({"set_starts": np.array([0, -5, 3])}, "do not fit"),
        ({"set_loadings": np.ones((2, 2))}, "not lists"),
        ({"extra": np.ones(2)}, "other arrays"),
    ],
)
def test_what_save_would_not_write_is_refused(saved, change, reason):
    _, path = saved
    np.savez_compressed(path, **(arrays_of(path) | change))
    with pytest.raises(UnreadableInput, match=reason):
        load(path)


def test_pickles_are_never_opened(saved):
    class Trap:
        def __reduce__(self):
            return pytest.fail, ("a pickle was opened",)

    _, path = saved
    np.savez_compressed(path, **(arrays_of(path) | {"genes": np.array([Trap()] * 200, dtype=object)}))
    with pytest.raises(UnreadableInput, match="another kind"):
        load(path)


def member(shape, content=b""):
    """An array whose header may claim what its content does not hold."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return file.getvalue() + content


@pytest.mark.parametrize("shape", [(200, 1 << 40), (1 << 62, 1 << 62), (-1, 3), (200, 3)])
def test_a_header_that_claims_more_than_there_is_takes_no_memory(saved, shape):
    _, path = saved
    arrays = arrays_of(path)
    np.savez(path, **{name: arrays[name] for name in ("version", "genes")})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("values.npy", member(shape))
    with pytest.raises(UnreadableInput):
        load(path)


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(saved, monkeypatch):
    _, path = saved
    monkeypatch.setattr(reference_file, "MAX_BYTES", 1000)
    monkeypatch.setattr(reference_file, "_array", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(UnreadableInput, match="unpack to more"):
        load(path)


def test_a_name_that_comes_twice_is_refused(saved):
    _, path = saved
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("genes.npy", member((3,)))
    with pytest.raises(UnreadableInput, match="other arrays"):
        load(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"gene\ts1\n", b"\x93NUMPY"])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    with pytest.raises(UnreadableInput, match="not a reference"):
        load(path)


def test_no_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(UnreadableInput, match="not a reference"):
            load(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**9), st.integers(1, 8), st.booleans())
def test_damaged_bytes_end_in_one_clear_message_or_in_the_reference(saved, seed, count, cut):
    reference, path = saved
    content = bytearray((path.parent / "reference.npz").read_bytes())
    rng = np.random.default_rng(seed)
    for place in rng.integers(0, len(content), count):
        content[place] = rng.integers(256)
    if cut:
        del content[rng.integers(1, len(content)) :]
    damaged = path.parent / "damaged.npz"
    damaged.write_bytes(content)
    try:
        back = load(damaged)
    except UnreadableInput:
        return
    assert back.genes == reference.genes
