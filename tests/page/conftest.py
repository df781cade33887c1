"""What tests of pages share: one browser, and one small page of a muscle."""

import shutil

import pytest

from mnexcite.page.write import page_of_pool
from pool_page import described


@pytest.fixture(scope="session")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium is installed")
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def pool_page(tmp_path_factory):
    """Return what a page of a muscle is told, and its file."""
    told = described()
    path = tmp_path_factory.mktemp("pool") / "pool.html"
    path.write_text(page_of_pool(told), encoding="utf-8")
    return told, path
