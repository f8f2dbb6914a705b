"""A Chromium, and studies on disk."""

import pytest
from playwright.sync_api import sync_playwright

from helpers.chromium import launch
from helpers.pages import hostile_study
from helpers.toys import exact_study


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def toy_file(tmp_path_factory):
    return exact_study(3000, name="toy").save(tmp_path_factory.mktemp("studies") / "toy.study.h5")


@pytest.fixture(scope="session")
def hostile_file(tmp_path_factory):
    return hostile_study().save(tmp_path_factory.mktemp("studies") / "hostile.study.h5")


@pytest.fixture(scope="session", autouse=True)
def own_configuration(tmp_path_factory):
    """Servers of the tests keep their key in a folder of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield
