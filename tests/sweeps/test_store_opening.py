"""A store is made once, whole, and opened again only for the same sweep."""

import json
import threading

import numpy as np
import pytest
from stored_sweeps import BLOCKS, IDENTITY, VARIABLES, fill, make, resume

from mnexcite.errors import InputError, StorageError
from mnexcite.sweeps import store
from mnexcite.sweeps.store.blocks import Blocks


@pytest.fixture
def path(tmp_path):
    return tmp_path / "map.zarr"


def bits(path):
    """Return every file of a store with its bytes."""
    return {f.relative_to(path): f.read_bytes() for f in path.rglob("*") if f.is_file()}


def test_a_made_store_is_not_made_again(path):
    found = fill(make(path), [1])
    with pytest.raises(InputError, match="exists; resume it"):
        make(path)
    assert resume(path).committed() == (1,)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    other = Blocks(BLOCKS.shape, (1, 5))
    assert resume(path, blocks=other).blocks == found.blocks


def test_an_empty_folder_becomes_the_store(path):
    path.mkdir()
    assert resume(path).missing() == tuple(range(BLOCKS.count))


def test_a_race_to_make_the_store_has_one_winner(path):
    barrier, found = threading.Barrier(4), []

    def race():
        barrier.wait()
        found.append(resume(path))

    threads = [threading.Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and [p.name for p in path.parent.iterdir()] == [path.name]
    assert found[0].missing() == tuple(range(BLOCKS.count))


def test_the_store_of_another_sweep_is_refused_with_the_differences(path):
    make(path)
    before = bits(path)
    changed = IDENTITY | {"cell": {"NaP.g": 0.06, "K.g": 1.0}, "duration": 2000.0}
    with pytest.raises(InputError) as caught:
        resume(path, identity=changed)
    assert "cell: NaP.g is 0.05 there, 0.06 here; duration is 4000.0 there" in str(caught.value)
    with pytest.raises(InputError, match=r"shape\[1\] is 5 there, 6 here"):
        resume(path, blocks=Blocks((7, 6), (1, 6)))
    with pytest.raises(InputError, match="variables: force is 'float32' there, absent here"):
        resume(path, variables={k: v for k, v in VARIABLES.items() if k != "force"})
    assert bits(path) == before


def test_what_is_no_store_is_refused(path):
    with pytest.raises(StorageError, match="there is no such folder"):
        store.open_store(path)
    path.mkdir()
    with pytest.raises(InputError, match="not a sweep's store"):
        store.open_store(path)
    (path / "zarr.json").write_text('{"node_type": "group"}')
    for attempt in (store.open_store, resume):
        with pytest.raises(InputError, match="not a sweep's store"):
            attempt(path)
    (path / "zarr.json").write_text('{"node')
    with pytest.raises(InputError, match="not a sweep's store"):
        store.open_store(path)
    file = path / "file"
    file.write_text("text")
    for attempt in (store.open_store, resume):
        with pytest.raises(InputError, match="not a sweep's store"):
            attempt(file)
    assert file.read_text() == "text"


def test_a_store_of_another_format_is_refused(path):
    make(path)
    root = json.loads((path / "zarr.json").read_text())
    root["attributes"]["format"] = "mnexcite sweep, format 1"
    del root["attributes"]["checksum"]  # which came with format 2
    (path / "zarr.json").write_text(json.dumps(root))
    with pytest.raises(InputError, match=r"format 1'.* reads 'mnexcite sweep, format 2'"):
        store.open_store(path)


def test_only_numbers_with_a_sign_are_variables():
    assert np.isnan(store.Variable().fill) and store.Variable("int16").fill == -1
    with pytest.raises(InputError, match="dtype is bool"):
        store.Variable("bool")
