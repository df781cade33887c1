"""The page in Firefox: it opens, computes what `simulate` does, and says so.

Firefox speaks WebDriver BiDi by itself; the few commands that this needs stand here.
"""

import json
import os
import re
import shutil
import subprocess

import numpy as np
import pytest

import mnexcite as mx
from mnexcite import cells
from mnexcite.page import explore
from waiting import until

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
client = pytest.importorskip("websockets.sync.client", reason="websockets is not installed")
pytestmark = pytest.mark.skipif(FIREFOX is None, reason="there is no Firefox")


class Browser:
    """Talk to a Firefox that runs without a window."""

    def __init__(self, socket):
        self.socket, self.number = socket, 0
        self.ask("session.new", capabilities={})
        self.context = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method, **given):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": given}))
        while True:
            answer = json.loads(self.socket.recv(timeout=120))
            if answer.get("id") == self.number:
                assert answer["type"] == "success", answer
                return answer["result"]

    def open(self, address):
        self.ask("browsingContext.navigate", context=self.context, url=address, wait="complete")

    def evaluate(self, expression):
        """Return what an expression is, by way of JSON."""
        found = self.ask(
            "script.evaluate",
            expression=f"JSON.stringify({expression})",
            target={"context": self.context},
            awaitPromise=True,
        )
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    folder = tmp_path_factory.mktemp("firefox")
    log = folder / "log"
    command = [FIREFOX, "--headless", "--no-remote", "--profile", str(folder)]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--remote-debugging-port", "0", "about:blank"],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"HOME": str(folder)},
        )
    try:
        pattern = r"WebDriver BiDi listening on (ws://\S+)"
        found = until(lambda: re.search(pattern, log.read_text()), process)
        with client.connect(f"{found[1]}/session", max_size=None) as socket:
            yield Browser(socket)
    finally:
        process.terminate()
        process.wait(timeout=60)


def state(browser):
    """Return what the page shows, once it has nothing left to do."""
    until(lambda: browser.evaluate("Boolean(window.mnexcite) && !mnexcite.state().busy"))
    return browser.evaluate(
        "{sentence: mnexcite.state().sentence, spikes: [...mnexcite.state().spikes]}"
    )


def test_it_opens_and_fires(browser, tmp_path):
    cell = cells.purvis_butera_2005()
    path = explore(cell, save=tmp_path / "page.html")
    browser.open(path.as_uri())
    assert state(browser)["spikes"] == []
    browser.open("about:blank")
    browser.open(f"{path.as_uri()}#cell={cell.name}&preset=imbalance")
    until(lambda: state(browser)["spikes"])
    shown = state(browser)
    assert shown["sentence"].startswith("Fires by itself")
    changed = cell.scaled({"NaP.g": 2.0, "K.g": 0.5})
    rec = mx.simulate(changed, duration=2000.0, tolerance=1e-4)
    np.testing.assert_allclose(shown["spikes"], rec.spike_times, rtol=0, atol=1e-6)


@pytest.fixture(scope="module")
def squid(browser, tmp_path_factory):
    """Return what opens the squid's page at a link and waits for it."""
    path = explore(
        cells.hodgkin_huxley_1952(), save=tmp_path_factory.mktemp("squid") / "p.html"
    )

    def opening(fragment=""):
        browser.open("about:blank")
        browser.open(path.as_uri() + fragment)
        return state(browser)

    return opening


def press(browser, *keys):
    """Press keys one after the other, as a keyboard does."""
    actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
    browser.ask(
        "input.performActions",
        context=browser.context,
        actions=[{"type": "key", "id": "keyboard", "actions": actions}],
    )


def setting(browser, name):
    return browser.evaluate(f"mnexcite.state().settings[{json.dumps(name)}]")


def test_a_slider_by_key_and_a_preset(browser, squid):
    assert squid()["spikes"] == []
    browser.evaluate("document.querySelector('[data-slider=stimulus]').focus() ?? 0")
    press(browser, *["\ue014"] * 3)  # arrow to the right
    assert setting(browser, "stimulus") == pytest.approx(0.3)
    press(browser, *["\ue00e"] * 3)  # page up, a tenth of the range each
    until(lambda: len(state(browser)["spikes"]) > 50)
    browser.evaluate("document.querySelector('[data-preset=ttx]').click() ?? 0")
    until(lambda: setting(browser, "ttx.c"))
    assert state(browser)["spikes"] == []


def test_a_map_is_computed(browser, squid):
    squid("#stimulus=10&open=map")
    until(lambda: browser.evaluate("Boolean(mnexcite.map.grid()?.done)"))
    rate, fires = browser.evaluate(
        "['rate', 'fires'].map((one) => mnexcite.map.grid()[one].map((row) => [...row]))"
    )
    assert np.shape(rate) == np.shape(fires) == (31, 31)
    assert {0, 1} == set(np.ravel(fires))
    np.testing.assert_array_equal(np.array(rate) > 0.0, np.array(fires) == 1)


def test_a_clamp_is_drawn(browser, squid):
    squid("#open=clamp&clamp=-65+-45+75+60+10")
    until(lambda: browser.evaluate("Boolean(mnexcite.clamp.found())"))
    told = browser.evaluate("document.querySelector('#clamp [role=status]').textContent")
    assert told.startswith("Held at −65 mV, stepped to 3 levels for 10 ms.")
    traces = browser.evaluate(
        "mnexcite.clamp.found().traces.map((one) => [one.level, [...one.i]])"
    )
    assert [level for level, _ in traces] == [-45.0, 15.0, 75.0]
    # inward below the sodium potential, at 50 mV, and not above
    assert [min(i) < -100.0 for _, i in traces] == [True, True, False]
