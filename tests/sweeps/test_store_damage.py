"""Damaged metadata and coordinates are noticed, and the same sweep mends them."""

import json
import shutil

import numpy as np
import pytest
from stored_sweeps import BLOCKS, IDENTITY, VARIABLES, fill, make, resume, template, values

from mnexcite.errors import InputError, RunWarning, StorageError
from mnexcite.sweeps import store
from mnexcite.sweeps.store import origin


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Return a whole store: to be read and copied only."""
    return fill(make(tmp_path_factory.mktemp("filled") / "map.zarr")).path


@pytest.fixture(scope="module")
def whole(filled):
    return store.load(filled)


@pytest.fixture
def path(filled, tmp_path):
    return shutil.copytree(filled, tmp_path / "map.zarr")


def flip(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 4
    file.write_bytes(data)


def empty(file):
    file.write_bytes(b"")


def remove(file):
    file.unlink()


MEMBERS = {
    "zarr.json": "zarr.json",
    "NaP.g/zarr.json": "NaP.g",
    "NaP.g/c/0": "NaP.g",
    "rate/zarr.json": "rate",
    "blocks/zarr.json": "blocks",
    "blocks/checksum/zarr.json": "blocks",
}


@pytest.mark.parametrize("damage", [flip, empty, remove])
@pytest.mark.parametrize("file", MEMBERS)
def test_damaged_members_are_refused_by_readers_and_mended_by_the_sweep(
    whole, path, file, damage
):
    damage(path / file)
    assert MEMBERS[file] in store.verify(path)
    with pytest.raises(StorageError, match=r"is damaged in .*run the same sweep") as caught:
        store.load(path)
    assert "\n" not in str(caught.value)
    with pytest.warns(RunWarning, match=f"damaged in {MEMBERS[file]}, which is mended"):
        found = resume(path)
    assert found.missing() == () and found.verify() == ()
    assert store.load(path).identical(whole)


@pytest.mark.parametrize("name", ["NaP.g", "rate", "blocks"])
def test_a_whole_folder_that_is_gone_comes_back(path, name):
    shutil.rmtree(path / name)
    with pytest.warns(RunWarning, match=f"damaged in {name}"):
        found = resume(path)
    found.forget(found.verify())
    assert fill(found).verify() == ()
    for dim, size in zip(("NaP.g", "K.g"), BLOCKS.shape, strict=True):
        assert store.load(path).sizes[dim] == size
    np.testing.assert_array_equal(store.load(path)["NaP.g"], template()["NaP.g"])


def test_a_store_whose_sweep_cannot_be_told_is_refused(path):
    empty(path / "zarr.json")
    empty(path / "blocks" / "zarr.json")
    with pytest.raises(InputError, match="damaged store") as caught:
        resume(path)
    assert "\n" not in str(caught.value)


def test_a_damaged_store_of_another_sweep_is_not_mended_into_this_one(path):
    empty(path / "zarr.json")
    with pytest.raises(InputError, match="is of another sweep"):
        resume(path, identity=IDENTITY | {"duration": 1.0})


def test_edited_numbers_in_the_metadata_are_damage(path):
    root = json.loads((path / "zarr.json").read_text())
    root["attributes"]["seed"] = 4
    (path / "zarr.json").write_text(json.dumps(root))
    assert store.verify(path) == ("zarr.json",)
    with pytest.warns(RunWarning, match="mended"):
        resume(path)
    assert store.load(path).attrs["seed"] == 3


OLDER = origin.Origin("mnexcite 0.0.9, numpy 2.0.0, numba 0.60.0", origin.here().instructions)
OTHER = origin.Origin(origin.here().software, "x86_64 sse2")


def test_what_computed_each_block_is_kept(path):
    found = store.open_store(path)
    for index in (1, 2, 3):
        found.commit(index, values(index), OLDER)
    assert found.origins() == {origin.here(): [0, 4, 5, 6, 7], OLDER: [1, 2, 3]}
    assert found.verify() == ()
    said = store.load(path).attrs
    assert f"blocks 1-3: {OLDER.software}" in said["software"]
    assert f"blocks 0, 4-7: {origin.here().software}" in said["software"]


@pytest.mark.parametrize("damage", [flip, empty, remove])
def test_a_damaged_word_on_what_computed_blocks_is_no_word(path, damage):
    found = store.open_store(path)
    found.commit(1, values(1), OLDER)
    damage(path / "blocks" / "checksum" / f"origin-{OLDER.key}")
    assert found.origins()[origin.UNKNOWN] == [1]
    assert found.verify() == ()


def test_other_versions_and_unfinished_other_processors_need_consent():
    own = origin.here()
    assert origin.objection({}, own, True) is None
    assert origin.objection({own: 4}, own, True) is None
    assert "computed by mnexcite 0.0.9" in origin.objection({own: 1, OLDER: 2}, own, False)
    assert "x86_64 sse2" in origin.objection({OTHER: 2}, own, True)
    assert origin.objection({OTHER: 2}, own, False) is None


def test_variables_keep_their_order_out_of_the_checksum(path, tmp_path):
    turned = dict(reversed(VARIABLES.items()))
    fill(make(tmp_path / "turned.zarr", variables=turned))
    one = (path / "blocks/checksum/c.3.0").read_bytes()
    assert (tmp_path / "turned.zarr/blocks/checksum/c.3.0").read_bytes() == one
