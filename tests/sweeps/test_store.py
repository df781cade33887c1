"""What is committed comes back to the bit, and xarray reads it at any moment."""

import threading

import numpy as np
import pytest
import xarray
import zarr
from stored_sweeps import BLOCKS, IDENTITY, VARIABLES, fill, make, template, values

from mnexcite.errors import InputError, RunWarning
from mnexcite.sweeps import store
from mnexcite.sweeps.store.blocks import Blocks
from mnexcite.sweeps.store.overview import summary


@pytest.fixture
def path(tmp_path):
    return tmp_path / "map.zarr"


def bits(path):
    """Return every file of a store with its bytes."""
    return {f.relative_to(path): f.read_bytes() for f in path.rglob("*") if f.is_file()}


def expected(name, done):
    """Return a variable as it must be when these blocks are done."""
    whole = np.full(BLOCKS.shape, VARIABLES[name].fill, VARIABLES[name].dtype)
    for index in done:
        whole[BLOCKS.slices(index)] = values(index)[name]
    return whole


def check(dataset, done):
    for name, variable in VARIABLES.items():
        assert dataset[name].dtype == variable.dtype
        assert dataset[name].values.tobytes() == expected(name, done).tobytes()
        np.testing.assert_equal(dataset[name].attrs, dict(variable.attrs))


def test_xarray_reads_it_while_it_grows(path):
    found = make(path)
    done = []
    for index in (3, 0, 7, 1, 2, 4, 5, 6):
        with xarray.open_zarr(path, chunks=None) as opened:
            check(opened, done)
        found.commit(index, values(index))
        done.append(index)
    check(store.load(path), done)


def test_coordinates_and_attributes_are_kept(path):
    make(path)
    dataset = store.load(path)
    given = template()
    xarray.testing.assert_identical(
        dataset.drop_vars(list(VARIABLES)).drop_attrs(deep=False),
        given.drop_attrs(deep=False),
    )
    assert dataset.attrs.items() >= (given.attrs | {"format": store.FORMAT}).items()
    assert dataset["rate"].dims == ("NaP.g", "K.g")


def test_any_zarr_reader_sees_which_blocks_are_done(path):
    fill(make(path), [2, 5])
    checksums = zarr.open_array(path / "blocks" / "checksum", mode="r")[:]
    np.testing.assert_array_equal(np.flatnonzero(checksums[:, 0]), [2, 5])
    tree = xarray.open_datatree(path, engine="zarr", chunks=None)
    assert tree["blocks/checksum"].dims == ("block", "checksum_and_origin")


def test_a_dataset_without_coordinates_takes_the_dimensions_given(path):
    blocks = Blocks((5,), (2,))
    variables = {"rate": store.Variable()}
    found = store.create(path, xarray.Dataset(), variables, blocks, {}, dims=("point",))
    found.commit(1, {"rate": np.array([1.5, -0.0])})
    rate = store.load(path)["rate"]
    assert rate.dims == ("point",)
    assert rate.values.tobytes() == np.array([np.nan, np.nan, 1.5, -0.0, np.nan]).tobytes()
    with pytest.raises(InputError, match="template has"):
        store.create(path.with_name("other.zarr"), template(), variables, blocks, {})


def test_missing_blocks_are_those_not_committed(path):
    found = fill(make(path), [1, 4])
    assert found.missing() == (0, 2, 3, 5, 6, 7)
    assert store.open_store(path).committed() == (1, 4)
    assert store.open_store(path).identity == IDENTITY
    assert store.open_store(path).layout == found.layout


def test_order_and_repetition_change_no_byte(tmp_path):
    one = fill(make(tmp_path / "one.zarr"))
    two = fill(make(tmp_path / "two.zarr"), reversed(range(BLOCKS.count)))
    fill(two, range(BLOCKS.count))
    assert bits(one.path) == bits(two.path)


def test_threads_commit_the_same_blocks_at_the_same_time(path, tmp_path):
    found = make(path)
    order = list(range(BLOCKS.count))
    threads = [
        threading.Thread(target=fill, args=(found, order[k:] + order[:k])) for k in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bits(path) == bits(fill(make(tmp_path / "calm.zarr")).path)


def test_read_gives_a_block_back(path):
    found = fill(make(path), [7])
    block = found.read(7)
    assert {name: a.tobytes() for name, a in block.items()} == {
        name: a.tobytes() for name, a in values(7).items()
    }
    assert {name: a.dtype.name for name, a in block.items()} == {
        name: v.dtype for name, v in VARIABLES.items()
    }
    assert list(found.read(7, ["rate"])) == ["rate"]
    with pytest.raises(store.DamagedBlock, match=r"block 0 .* is not there"):
        found.read(0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": values(0)["rate"]},
        values(0) | {"extra": values(0)["rate"]},
        values(0) | {"rate": values(0)["rate"][:1]},
        values(0) | {"rate": values(0)["rate"].astype("float32")},
    ],
)
def test_values_that_do_not_fit_are_refused_before_anything_is_written(path, wrong):
    found = make(path)
    before = bits(path)
    with pytest.raises(InputError, match="allowed"):
        found.commit(0, wrong)
    assert bits(path) == before


@pytest.mark.parametrize("torn", [b"", b"1234567"])
def test_a_torn_marker_counts_as_missing(path, torn):
    found = fill(make(path))
    (path / "blocks" / "checksum" / "c.3.0").write_bytes(torn)
    assert found.missing() == (3,)
    assert fill(found).missing() == () and found.verify() == ()


def test_a_block_half_written_is_overwritten(path, tmp_path):
    found = fill(make(path))
    (path / "rate" / "c.0.0").write_bytes(b"half")
    (path / "blocks" / "checksum" / "c.0.0").unlink()
    assert found.missing() == (0,)
    assert bits(fill(found).path) == bits(fill(make(tmp_path / "calm.zarr")).path)


def test_a_damaged_block_is_never_shown_as_whole(path):
    found = fill(make(path))
    whole = store.load(path)
    (path / "rate" / "c.1.0").unlink()
    (path / "status" / "c.3.1").write_bytes(bytes(6))
    with pytest.warns(RunWarning, match="blocks 2, 7 of .* are damaged and shown as pending"):
        holed = store.load(path)
    lost = np.zeros(BLOCKS.shape, bool)
    for index in (2, 7):
        lost[BLOCKS.slices(index)] = True
    assert (holed["status"].values[lost] == -1).all() and np.isnan(
        holed["rate"].values[lost]
    ).all()
    for name in VARIABLES:
        assert holed[name].values[~lost].tobytes() == whole[name].values[~lost].tobytes()
    assert store.verify(path) == ("block 2", "block 7")
    with pytest.raises(store.DamagedBlock, match="run the same sweep into it again"):
        found.read(2)


def test_a_block_of_another_place_or_sweep_is_not_believed(path, tmp_path):
    """Whole files with a whole marker, but not those that belong there."""
    found = fill(make(path))
    other = fill(make(tmp_path / "other.zarr", identity=IDENTITY | {"duration": 1.0}))
    names = ["blocks/checksum/c.0.0", *(f"{name}/c.0.0" for name in VARIABLES)]
    for name in names:  # block 0 of another sweep
        (path / name).write_bytes((other.path / name).read_bytes())
    for name in names:  # block 2 is a copy of block 4
        there = name.replace("c.0.0", "c.2.0" if name.startswith("blocks") else "c.1.0")
        here = name.replace("c.0.0", "c.4.0" if name.startswith("blocks") else "c.2.0")
        (path / there).write_bytes((path / here).read_bytes())
    assert found.verify() == (0, 2)


def test_verify_finds_damage_and_forget_has_it_computed_again(path):
    found = fill(make(path))
    assert found.verify() == ()
    flipped = bytearray((path / "rate" / "c.1.0").read_bytes())
    flipped[3] ^= 1
    (path / "rate" / "c.1.0").write_bytes(flipped)
    (path / "count" / "c.2.0").write_bytes(b"short")
    (path / "status" / "c.3.1").unlink()
    damaged = (2, 4, 7)
    assert found.verify() == damaged and found.missing() == ()
    assert summary(path).damaged == damaged
    found.forget(damaged)
    assert found.missing() == damaged
    assert fill(found).verify() == ()


def test_summary_counts_blocks_points_and_flags(path):
    found = fill(make(path), [0, 1, 4, 7])
    done = np.concatenate([BLOCKS.points(i) for i in (0, 1, 4, 7)])
    failed = int(np.sum(done % 5 == 4))
    said = summary(path)
    assert (said.blocks, said.blocks_done, said.points) == (8, 4, 35)
    assert said.points_done == len(done) and said.missing == ((2, 3), (5, 6))
    assert said.status == {
        "ok": len(done) - failed,
        "non_finite": failed,
        "pending": 35 - len(done),
    }
    (path / "status" / "c.0.0").unlink()
    assert summary(path).damaged == (0,)
    fill(found, range(8))
    assert summary(path).missing == () and sum(summary(path).status.values()) == 35


def test_summary_of_a_sweep_without_status(path):
    variables = {"rate": store.Variable()}
    store.create(path, xarray.Dataset(), variables, Blocks((2,), (1,)), {}, dims=("point",))
    assert summary(path).status == {} and summary(path).missing == ((0, 1),)
