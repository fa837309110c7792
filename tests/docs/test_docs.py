"""Every block of README and docs is tried: files are written, commands run, outputs compared.

The conventions are in ``CONTRIBUTING.md``.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from doc_pages import DOCS, PAGES, PARSER, ROOT, Block, anchors, blocks, links, steps
from doc_project import DocError, DocProject


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_the_page_says_is_so(page: Path, tmp_path: Path) -> None:
    with ExitStack() as stack:
        project = DocProject(tmp_path, stack)
        for step in steps(page):
            project.follow(step)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), f"{name(page)} links to {link}"
        assert not anchor or anchor in anchors(file), f"{name(page)} links to {link}"


def test_every_page_can_be_reached_from_the_index() -> None:
    reached, waiting = set(), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md" and page.exists():
            reached.add(page)
            waiting += [
                (page.parent / link.partition("#")[0]).resolve() for link in links(page) if "://" not in link
            ]
    unreached = set(DOCS.rglob("*.md")) - reached - set((DOCS / "messages").glob("*.md"))
    assert unreached == set()


def test_every_page_begins_with_its_only_title() -> None:
    for page in DOCS.rglob("*.md"):
        if page.parent != DOCS / "messages":
            titles = [
                token.map
                for token in PARSER.parse(page.read_text("utf-8"))
                if token.tag == "h1" and token.map
            ]
            assert titles == [[0, 1]], name(page)


# -- the harness itself: a page that lies is caught ------------------------------------------------


def follow(folder: Path, *given: Block) -> None:
    with ExitStack() as stack:
        project = DocProject(folder, stack)
        for block in given:
            project.follow(block)


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        (Block("p:1", "", "x"), "says what it is"),
        (Block("p:1", "ruby", "x"), "says what it is"),
        (Block("p:1", "console", "pytest\n"), "begins with"),
        (Block("p:1", "console", "$ curl example.org\n"), "nobody knows how to try"),
        (Block("p:1", "console", "$ python -c 'print(1)'\n2\n"), "should print"),
        (Block("p:1", "console", "$ python -c 'raise SystemExit(3)'\n"), "exits 3, not 0"),
        (Block("p:1", "console", "$ make no-such-target\n"), "no no-such-target"),
        (Block("p:1", "console", "$ pip install pytest-characterize[nothing]\n"), "no such extra"),
        (Block("p:1", "python", ">>> 1 + 1\n3\n"), "Expected"),
        (Block("p:1", "python", "raise SystemExit(1)\n"), "exits 1"),
        (Block("p:1", "python", "x = 1\n", {"title": "../x.py"}), "leads out"),
        (Block("p:1", "sql", "select 1"), "with a title"),
    ],
)
def test_a_block_that_is_not_so_is_caught(tmp_path: Path, block: Block, complaint: str) -> None:
    with pytest.raises(DocError, match=complaint):
        follow(tmp_path, block)


@pytest.mark.parametrize(
    ("block", "error"),
    [
        (Block("p:1", "json", "{,}"), ValueError),
        (Block("p:1", "toml", "a = "), ValueError),
        (Block("p:1", "python", "def", {"title": "x.py"}), SyntaxError),
    ],
)
def test_a_block_that_cannot_be_read_is_caught(tmp_path: Path, block: Block, error: type[Exception]) -> None:
    with pytest.raises(error):
        follow(tmp_path, block)


def test_configuration_in_a_page_is_checked_by_the_tool(tmp_path: Path) -> None:
    from pytest_characterize.errors import ConfigurationError

    with pytest.raises(ConfigurationError, match="unknown key 'nonsense'"):
        follow(tmp_path, Block("p:1", "toml", "[tool.characterize]\nnonsense = 1\n"))


def test_files_commands_and_outputs_fit_together(tmp_path: Path) -> None:
    follow(
        tmp_path,
        Block(
            "p:1", "python", "print('one', 2)\nprint('in 0.12 s')\nraise SystemExit(1)\n", {"title": "a/b.py"}
        ),
        Block("p:5", "console", "$ export MOOD=fine\n$ python a/b.py\none 2\nin ... s\n", {"exit": "0,1"}),
        Block("p:9", "console", "$ python -c 'import os; print(os.environ[\"MOOD\"])'\nfine\n"),
    )


def test_blocks_know_their_options_and_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text('# T\n\n<!-- service: http web app.py -->\n\n```python title="a b.py"\nx\n```\n', "utf-8")
    monkeypatch.setattr("doc_pages.ROOT", tmp_path)
    (block,) = blocks(page)
    assert (block.language, block.title, block.text, block.where) == ("python", "a b.py", "x\n", "page.md:5")
    directive, _ = steps(page)
    assert not isinstance(directive, Block)
    assert (directive.verb, directive.words) == ("service", ("http", "web", "app.py"))
