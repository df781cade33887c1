"""The page of a muscle in a browser: chosen, played, stretched, taken along."""

import json
import time

import numpy as np
import pytest

from mnexcite.page.write import page_of_pool
from pool_page import decoded

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
WAIT = 60.0


@pytest.fixture
def opened(browser, pool_page):
    pages = []

    def opening(fragment="", size="desktop", path=None):
        width, height = SIZES[size]
        page = browser.new_page(viewport={"width": width, "height": height})
        pages.append(page)
        page.told = []
        for event in ("console", "pageerror", "request"):
            page.on(event, lambda said: page.told.append(getattr(said, "url", str(said))))
        page.goto((path or pool_page[1]).as_uri() + fragment)
        until(page, lambda now: now["status"])
        return page

    yield opening
    for page in pages:
        page.close()


def state(page):
    return page.evaluate("window.mnexcite.state?.() ?? {status: ''}")


def until(page, holds):
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        found = state(page)
        if holds(found):
            return found
        page.wait_for_timeout(20)
    raise AssertionError(f"never came: {state(page)}")


def with_stretch(told):
    return next(run for run in told["runs"] if run["stretch"])


def hash_of(run):
    return f"#muscle={run['case']}&train={run['train']:g}&stretch={run['stretch']:g}"


def test_a_run_stands_in_the_page_as_it_was_computed(opened, pool_page):
    told, path = pool_page
    run = with_stretch(told)
    page = opened(hash_of(run))
    found = state(page)
    assert found["sentence"].lower() == run["sentence"].lower()
    for unit, train in enumerate(decoded(told, run)["spikes"]):
        np.testing.assert_allclose(found["spikes"][unit], train, atol=1e-9)
    ours = (path.as_uri(), "blob:", "data:")
    assert [line for line in page.told if not line.startswith(ours)] == []


def test_a_cramp_is_played_and_stretched(opened, pool_page):
    run = with_stretch(pool_page[0])
    page = opened(hash_of(run | {"stretch": 0}) + f"&t={run['end']:g}")
    before = state(page)
    assert before["sentence"] != run["sentence"]  # what comes is not told
    assert page.inner_text("#stretch") == f"Stretch at {run['pulled'][0] / 1e3:.1f} s"
    page.click("#stretch")
    assert state(page) == before | {"stretch": run["stretch"], "spikes": state(page)["spikes"]}
    page.select_option("#speed", "10")
    page.click("#play")
    after = until(page, lambda now: not now["playing"])
    assert (after["stretch"], after["head"]) == (run["stretch"], run["duration"])
    assert after["sentence"].lower() == run["sentence"].lower()


def test_everything_goes_by_keyboard_and_link(opened, pool_page):
    told, _ = pool_page
    page = opened(hash_of(with_stretch(told)))
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
    page.focus("#charts")
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowRight")
    assert state(page)["head"] == pytest.approx(1100.0)
    page.focus("[data-case=als]")
    page.keyboard.press("Enter")
    page.focus("input[name=stretch]:checked")
    page.keyboard.press("ArrowUp" if state(page)["stretch"] else "ArrowDown")
    here = state(page)
    assert here["case"] == "als"
    page.click("[data-take=link]")
    page.wait_for_selector("#taken-box:not([hidden])")
    link = page.input_value("#taken-text")
    assert state(opened(link[link.index("#") :])) == here
    wrong = opened("#muscle=mine&train=7&t=-4&x=1")
    assert wrong.inner_text("#trouble").count("ignored") == 4


@pytest.mark.parametrize("size", list(SIZES))
def test_axe_finds_nothing(opened, pool_page, size):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = opened(hash_of(with_stretch(pool_page[0])) + "&x=1", size)
    page.click("[data-take=python]")
    page.click("#numbers summary")
    page.fill("#numbers-filter", "renshaw")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_a_run_that_failed_is_not_drawn(opened, pool_page, tmp_path):
    told = json.loads(json.dumps(pool_page[0]))
    bad = next(run for run in told["runs"] if not run["since"] and run["case"] == "healthy")
    told["runs"] = [run for run in told["runs"] if run["case"] != "healthy"]
    said = {"status": "soma: non_finite", "sentence": "the run failed (soma: non_finite)."}
    kept = ("case", "train", "stretch", "rest", "end", "pulled", "duration", "python")
    told["runs"].append({name: bad[name] for name in kept} | said)
    path = tmp_path / "failed.html"
    path.write_text(page_of_pool(told), encoding="utf-8")
    page = opened(f"#train={bad['train']:g}", path=path)
    assert "failed" in page.inner_text("#sentence")
    assert page.is_disabled("#play") and page.is_disabled("#stretch")
    assert "unknown" in page.get_attribute("#muscle", "aria-label")
    page.click("[data-case=als]")
    assert state(page)["status"] == "ok"
