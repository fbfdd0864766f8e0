"""README.md is what people try first: its commands are run as they stand there, in order."""

import pytest

from readme import ADVICE, COMMANDS, OTHERS, UNTESTED_MAX, Checkout, read_blocks
from service import ROOT

pytestmark = pytest.mark.one_at_a_time

BLOCKS = read_blocks((ROOT / "README.md").read_text())


def test_every_block_says_what_it_is_and_few_are_left_out():
    for block in BLOCKS:
        assert block.language in COMMANDS | OTHERS, f"{block}says not what it is: ```sh, ```console, ```toml ...?"
        assert block.untested != "", f"{block}does not say why it is untested"
        if block.language == "console":
            assert block.text.startswith("$ "), f"{block}has no \"$ \" in front of its first command"
    assert sum(1 for block in BLOCKS if block.untested) <= UNTESTED_MAX, ADVICE
    assert sum(1 for block in BLOCKS if block.language in COMMANDS and not block.untested) >= 8


def test_the_blocks_run_as_they_are_written(tmp_path):
    checkout = Checkout(tmp_path)
    try:
        for block in BLOCKS:
            if block.language not in COMMANDS or block.untested:
                continue
            if block.serves:
                checkout.serve(block)
            else:
                checkout.run(block)
    finally:
        checkout.close()


@pytest.mark.parametrize("text,word", [("false\ntrue", "ended with 1"), ("curl localhost:8000/nowhere", "ended with"),
                                       ("temperature-service serve --no-such-flag", "ended with")])
def test_a_block_that_fails_is_named(tmp_path, text, word):
    """So that the test above can fail."""
    block, = read_blocks(f"text\n\n```sh\n{text}\n```\n")
    checkout = Checkout(tmp_path)
    with pytest.raises(AssertionError, match=word) as failed:
        checkout.serve(block) if block.serves else checkout.run(block)
    checkout.close()
    assert "README.md, line 3" in str(failed.value) and text in str(failed.value)


def test_output_that_differs_is_named(tmp_path):
    block, = read_blocks("```console\n$ echo one\ntwo\n```\n")
    with pytest.raises(AssertionError, match="printed"):
        Checkout(tmp_path).run(block)
