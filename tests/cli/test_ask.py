"""What `drug-llm ask` does around an answer."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from drug_llm.cli.ask import collector_paused
from drug_llm.errors import ModelError


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_garbage_is_collected_again_behind_the_pause_and_what_is_left_is_not_gone_through() -> None:
    with collector_paused():
        assert not gc.isenabled()
        left = [object]
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert not any(kept is left for kept in gc.get_objects())


def test_collector_is_on_again_after_an_error() -> None:
    with pytest.raises(ModelError), collector_paused():
        raise ModelError("none")
    assert gc.isenabled()
