"""The page in a browser: what a student does with it, by mouse, keyboard and link."""

import csv
import io
import time
from urllib.parse import quote

import numpy as np
import pytest

import mnexcite as mx
from mnexcite import cells, sweeps
from mnexcite.page import explore

DESKTOP, PHONE = (1280, 900), (390, 844)
SQUID, MOTONEURON = "hodgkin_huxley_1952", "purvis_butera_2005"
FIRING = "#NaP.g=2&K.g=0.5"
WAIT = 60.0


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Write the pages of two cells as a user does."""
    folder = tmp_path_factory.mktemp("pages")
    return {
        name: explore(getattr(cells, name)(), save=folder / f"{name}.html")
        for name in (SQUID, MOTONEURON)
    }


@pytest.fixture
def opened(browser, files):
    """Return what opens a page and waits until it has drawn; says what it asked and told."""
    contexts = []

    def opening(cell=MOTONEURON, fragment="", size=DESKTOP, script="", ready=True):
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.told = []
        page.on("console", lambda message: page.told.append(message.text))
        page.on("pageerror", lambda error: page.told.append(str(error)))
        page.on("request", lambda request: page.told.append(request.url))
        if script:
            page.add_init_script(script)
        page.goto(files[cell].as_uri() + fragment)
        if ready:
            settled(page)
        return page

    yield opening
    for context in contexts:
        context.close()


def state(page):
    return page.evaluate("window.mnexcite.state()")


# `wait_for_function` evaluates a string, which the page's own policy forbids.
def until(page, holds):
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        found = state(page)
        if holds(found):
            return found
        page.wait_for_timeout(20)
    raise AssertionError(f"never came: {state(page)}")


def settled(page):
    return until(page, lambda now: now["status"] and not now["busy"])


def picture(page):
    return page.evaluate("document.querySelector('.voltage canvas').toDataURL()")


@pytest.mark.parametrize("cell", [SQUID, MOTONEURON])
def test_opens_alone_and_quietly(opened, files, cell):
    page = opened(cell)
    found = state(page)
    assert found["status"] == "ok"
    assert page.inner_text("#sentence") == found["sentence"] != ""
    ours = (files[cell].as_uri(), "blob:", "data:")
    assert [line for line in page.told if not line.startswith(ours)] == []


def test_slider_moves_trace_by_key(opened):
    page = opened(fragment="#K.g=0.5&NaP.g=1.9")
    before, drawn = settled(page), picture(page)
    page.focus("[data-slider='NaP.g']")
    page.keyboard.press("ArrowRight")
    assert until(page, lambda now: not now["busy"])["settings"]["NaP.g"] == pytest.approx(1.91)
    page.keyboard.press("Shift+ArrowRight")
    after = until(page, lambda now: not now["busy"] and now["spikes"] != before["spikes"])
    assert after["settings"]["NaP.g"] == pytest.approx(2.01)
    until(page, lambda _: picture(page) != drawn)
    page.keyboard.press("Home")
    assert settled(page)["settings"]["NaP.g"] == 0.0
    page.dblclick("[data-slider='NaP.g']")
    assert settled(page)["settings"]["NaP.g"] == 1.0


def test_newest_setting_wins(opened):
    page = opened(fragment="#K.g=0.5")
    page.evaluate(
        """() => {
        const slider = document.querySelector("[data-slider='NaP.g']");
        for (let i = 0; i <= 50; i++) {
          slider.value = 1 + 0.02 * i;
          slider.dispatchEvent(new Event("input"));
        }
        }"""
    )
    assert settled(page)["spikes"] == settled(opened(fragment="#K.g=0.5&NaP.g=2"))["spikes"]


def test_keyboard_reaches_every_control(opened):
    page = opened()
    wanted = page.evaluate(
        """[...document.querySelectorAll('button, input, select, summary, [tabindex="0"]')]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled
          && (one.type !== 'radio' || one.checked)).map((one, i) => (one.dataset.nth = i))"""
    )
    reached = set()
    for _ in range(len(wanted) + 5):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.nth"))
    assert {str(i) for i in wanted} <= reached


def test_preset_sets_sliders_and_says_so(opened):
    page = opened()
    page.click("[data-preset='imbalance']")
    found = settled(page)
    assert (found["settings"]["NaP.g"], found["settings"]["K.g"]) == (2.0, 0.5)
    assert page.get_attribute("[data-preset='imbalance']", "aria-pressed") == "true"
    assert "×2 of" in page.get_attribute("[data-slider='NaP.g']", "aria-valuetext")
    assert "Source" in page.inner_text("#preset-words")
    page.click("[data-preset='healthy']")
    assert settled(page)["settings"]["NaP.g"] == 1.0


def test_a_current_goes_on_as_a_drug_is_given(opened):
    page = opened(fragment="#stimulus=0.5")
    before = settled(page)
    assert before["sentence"].startswith("Under the current, fires at")
    page.click("[data-preset='ttx']")
    found = until(page, lambda now: now["sentence"].startswith("Silent"))
    assert found["settings"]["stimulus"] == 0.5
    assert page.get_attribute("[data-preset='ttx']", "aria-pressed") == "true"


def test_link_out_and_in(opened):
    page = opened()
    page.focus("[data-slider='K.g']")
    page.keyboard.press("PageDown")
    page.check("input[name=duration][value='4000']", force=True)
    here = settled(page)
    page.click("[data-take=link]")
    page.wait_for_selector("#taken-box:not([hidden])")
    link = page.input_value("#taken-text")
    again = opened(fragment=link[link.index("#") :])
    there = state(again)
    assert there["settings"] == here["settings"]
    assert there["duration"] == 4000
    assert there["spikes"] == here["spikes"]


@pytest.mark.parametrize(
    ("fragment", "said", "path", "value"),
    [
        ("#NaP.g=99", "outside its range", "NaP.g", 4.0),
        ("#NaP.g=much", "no number", "NaP.g", 1.0),
        ("#nonsense=1", "nonsense", "NaP.g", 1.0),
        ("#clamp=1+2", "voltage clamp", "NaP.g", 1.0),
        ("#cell=another&NaP.g=2", "another cell", "NaP.g", 1.0),
        ("#" + quote("<img src=x onerror=alert(1)>") + "=1", "<img", "NaP.g", 1.0),
    ],
)
def test_wrong_link_is_clipped_with_a_word(opened, fragment, said, path, value):
    page = opened(fragment=fragment)
    assert said in page.inner_text("#trouble")
    assert state(page)["settings"][path] == value


def test_python_gives_the_spikes_of_the_page(opened):
    page = opened(fragment=FIRING + "&stimulus=0.1&ions.K_o=4.2")
    spikes = settled(page)["spikes"]
    page.click("[data-take=python]")
    page.wait_for_selector("#taken-box:not([hidden])")
    names = {}
    exec(page.input_value("#taken-text"), names)
    # Exact tables and the same method: within what rounding may do to an adaptive step.
    np.testing.assert_allclose(np.ravel(names["rec"].spike_times), spikes, rtol=0.0, atol=0.2)
    assert len(spikes) > 5


def test_data_are_a_table_with_its_python(opened):
    page = opened(fragment=FIRING)
    with page.expect_download() as waiting:
        page.click("[data-take=data]")
    text = waiting.value.path().read_text()
    assert text.startswith("# import mnexcite")
    told = next(line for line in text.splitlines() if line.startswith("# spikes [ms]:"))
    spikes = [float(word) for word in told.split(":")[1].split()]
    assert spikes == state(page)["spikes"]
    rows = csv.DictReader(io.StringIO("\n".join(x for x in text.split("\n") if x[:1] != "#")))
    t, v, force = np.array([[float(x) for x in row.values()] for row in rows]).T
    assert (t[0], t[-1]) == (0.0, 2000.0)
    assert np.all(np.diff(t) >= 0.0)
    assert np.interp(spikes, t, v).min() > -30.0
    assert force.max() > 1.0


def test_picture_is_not_empty(opened):
    page = opened(fragment=FIRING)
    with page.expect_download() as waiting:
        page.click("[data-take=picture]")
    image = waiting.value.path().read_bytes()
    assert image.startswith(b"\x89PNG\r\n")
    assert len(image) > 10_000


def test_live_is_excited(opened):
    page = opened()
    page.click("#run")
    until(page, lambda now: now["sentence"].startswith("Live: is silent"))
    page.click("#excite")
    until(page, lambda now: len(now["spikes"]) > 1)
    page.click("#run")
    assert state(page)["live"] == "paused"
    page.click("#end")
    assert settled(page)["live"] == "off"


def test_map_sets_two_sliders(opened):
    page = opened(fragment=FIRING)
    page.click("#map summary")
    page.wait_for_selector("#map progress", state="hidden", timeout=1000 * WAIT)
    rows = page.evaluate("window.mnexcite.map.grid().rate.map((row) => Array.from(row))")
    assert np.shape(rows) == (31, 31)
    assert np.min(rows) == 0.0 < np.max(rows)
    before = state(page)["settings"]
    page.focus("#map canvas")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    after = settled(page)["settings"]
    assert after["NaP.g"] == pytest.approx(before["NaP.g"] + 4 / 30, abs=0.01)
    assert after["K.g"] == pytest.approx(before["K.g"] - 1 / 30, abs=0.01)
    box = page.locator("#map canvas").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.up()
    dragged = settled(page)["settings"]
    assert dragged["K.g"] > after["K.g"] + 0.2
    assert dragged["NaP.g"] > after["NaP.g"]


def test_map_of_a_sweep(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep")
    cell = cells.hodgkin_huxley_1952()
    axes = {"K.g:factor": [0.2, 0.4, 0.9, 1.2], "ions.K_o": [15.0, 25.0]}
    mx.sweep(cell, axes, duration=200.0, store=folder / "own.zarr")
    path = explore(cell, save=folder / "page.html", map=folder / "own.zarr")
    page = browser.new_page()
    page.goto(path.as_uri() + "#open=map")
    settled(page)
    assert "own.zarr" in page.inner_text("#map")
    assert page.locator("#map select").count() == 0
    page.focus("#map canvas")
    page.keyboard.press("ArrowLeft")  # from 1, in the cell of 0.9
    page.keyboard.press("ArrowUp")
    found = settled(page)["settings"]
    assert (found["K.g"], found["ions.K_o"]) == (0.4, 25.0)
    page.keyboard.press("ArrowDown")
    assert settled(page)["settings"]["ions.K_o"] == 15.0
    told = sweeps.load(folder / "own.zarr").sel({"ions.K_o": 15.0}).isel({"K.g": 1})
    assert told.rate > 0.0
    assert f"fires at {float(told.rate):.3g} Hz" in page.inner_text("#map .says >> nth=1")
    page.close()


def test_nullclines_of_a_cell_under_a_drug(opened):
    page = opened(fragment=FIRING + "&mexiletine.c=5&open=phase")
    until(page, lambda _: "(nullclines;" in page.inner_text("#phase .says"))


def test_panels_show_gates_plane_and_numbers(opened):
    page = opened(fragment=FIRING + "&open=gates+phase+numbers")
    page.wait_for_selector("#gates canvas")
    until(page, lambda _: "Spike at" in page.inner_text("#gates .says"))
    assert "Na.m" in page.get_attribute("#gates canvas >> nth=0", "aria-label")
    assert "Na.i" in page.get_attribute("#gates canvas >> nth=1", "aria-label")
    assert "a dot alone is rest" in page.inner_text("#phase .says")
    until(page, lambda _: "(nullclines;" in page.inner_text("#phase .says"))
    all_rows = page.locator("#numbers tbody tr:visible").count()
    page.fill("#numbers-filter", "NaP")
    assert 0 < page.locator("#numbers tbody tr:visible").count() < all_rows


def clamp(page, holds=lambda _: True):
    """Return level -> (peak inward, peak outward, at the end) of the table, once it holds."""

    def read():
        told = page.evaluate(
            """[...document.querySelectorAll('#clamp tbody tr')].map((row) =>
            [...row.children].map((one) => one.textContent.replace('\u2212', '-')))"""
        )
        number = lambda text: 0.0 if text == "none" else float(text)  # noqa: E731
        return {float(row[0]): tuple(map(number, row[1:])) for row in told}

    found = {}

    def came(_):
        nonlocal found
        found = read()
        return bool(found) and holds(found)

    until(page, came)
    return found


def test_clamp_shows_the_squids_currents(opened):
    page = opened(SQUID, "#open=clamp&clamp=-65+-45+75+20+10")
    page.click("#clamp .minor summary")
    found = clamp(page)
    assert list(found) == [-45.0, -25.0, -5.0, 15.0, 35.0, 55.0, 75.0]
    # inward below the sodium potential (50 mV), potassium outward above its own
    assert all(found[level][0] < -100.0 for level in (-25.0, -5.0, 15.0))
    assert found[75.0][0] == 0.0
    ends = [end for _, _, end in found.values()]
    assert ends == sorted(ends) and ends[0] > 0.0
    # steady current by Hodgkin and Huxley's own equations
    n, m, h = squid_at(-5.0)
    steady = 36.0 * n**4 * 72.0 + 120.0 * m**3 * h * -55.0 + 0.3 * (-5.0 + 54.4)
    assert found[-5.0][2] == pytest.approx(steady, rel=0.03)
    page.click("[data-preset=tea]")  # less potassium current
    clamp(page, lambda now: now[75.0][2] < 0.8 * found[75.0][2])
    page.fill("#clamp-step", "0")
    assert "Step goes from 1" in page.inner_text("#clamp [role=status]")
    page.fill("#clamp-step", "60")
    assert list(clamp(page, lambda now: len(now) == 3)) == [-45.0, 15.0, 75.0]
    page.wait_for_timeout(400)
    assert "clamp=-65+-45+75+60+10" in page.evaluate("location.hash")


def squid_at(v):
    """Return n, m and h of the squid at a held voltage, resting at -65 mV (1952, eqs 12-24)."""
    u = v + 65.0
    pairs = (
        (0.01 * (10 - u) / np.expm1((10 - u) / 10), 0.125 * np.exp(-u / 80)),
        (0.1 * (25 - u) / np.expm1((25 - u) / 10), 4 * np.exp(-u / 18)),
        (0.07 * np.exp(-u / 20), 1 / (np.exp((30 - u) / 10) + 1)),
    )
    return [a / (a + b) for a, b in pairs]


@pytest.mark.parametrize(
    ("size", "panels", "looks"),
    [
        (DESKTOP, "phase+map+clamp", (None, "#contrast")),
        (PHONE, "gates+numbers", (None,)),
    ],
    ids=["desktop", "phone"],
)
def test_axe_finds_nothing(opened, size, panels, looks):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = opened(fragment=FIRING + f"&unknown=1&open={panels}", size=size)
    page.click("[data-take=python]")
    if "numbers" in panels:
        page.fill("#numbers-filter", "NaP")  # axe takes its time over every row
    if "map" in panels:
        page.wait_for_selector("#map progress", state="hidden", timeout=1000 * WAIT)
    for look in looks:
        if look:
            page.click(look)
        found = axe.Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("width", [360, 390, 768, 900])
def test_no_sideways_scroll(opened, width):
    page = opened(fragment="#open=gates+numbers+clamp", size=(width, 800))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("#large")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_plots_stay_in_view(opened):
    for size in (DESKTOP, PHONE):
        page = opened(size=size)
        page.locator("[data-slider=stimulus]").scroll_into_view_if_needed()
        box = page.locator("#charts").bounding_box()
        assert box["y"] >= 0.0
        assert box["y"] + box["height"] <= size[1]
    assert box["height"] <= size[1] / 2


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("delete window.WebAssembly", "no WebAssembly"),
        ("WebAssembly.Module = function () { throw new Error('policy') }", "forbids"),
        ("delete window.Worker", "no Worker"),
    ],
)
def test_says_why_it_cannot_compute(opened, script, said):
    page = opened(script=script, ready=False)
    assert said in page.inner_text("#sentence")


def test_says_that_the_file_is_cut_off(browser, files, tmp_path):
    whole = files[SQUID].read_text(encoding="utf-8")
    cut = tmp_path / "cut.html"
    cut.write_text(whole[: int(0.9 * len(whole))], encoding="utf-8")
    page = browser.new_page()
    page.goto(cut.as_uri())
    assert "incomplete" in page.inner_text("#sentence")
    page.close()


#: Lets a test ask which words were drawn.
WRITTEN = """const write = CanvasRenderingContext2D.prototype.fillText;
window.written = [];
CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
  window.written.push(text);
  write.call(this, text, ...at);
};"""


def drawn(page, words):
    return until(page, lambda _: page.evaluate(f"window.written.includes({words!r})"))


def test_a_voltage_off_the_scale_is_marked(opened):
    for fragment, marked in (("#stimulus=-1", True), ("#stimulus=0.5", False)):
        page = opened(fragment=fragment, script=WRITTEN)
        drawn(page, "voltage, mV")
        drawn(page, "below −100 mV" if marked else "now")
        assert page.evaluate("window.written.includes('below −100 mV')") == marked


def test_a_run_that_failed_has_no_force(opened):
    page = opened(
        fragment="#ions.K_o=2.2&temperature=41&stimulus=-1&ttx.c=0.025", script=WRITTEN
    )
    assert state(page)["status"] == "out_of_range"
    drawn(page, "no force: the run failed")
    assert "the run failed" in page.inner_text("#sentence").lower()
    assert "unknown" in page.get_attribute("#muscle", "aria-label")
    with page.expect_download() as waiting:
        page.click("[data-take=data]")
    assert "t_ms,v_mV\n" in waiting.value.path().read_text()
