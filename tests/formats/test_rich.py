"""Rich texts: what is written reads back the same, and everything typed is a text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from contest.formats.rich.html import Found, read_html
from contest.formats.rich.markdown import read
from contest.formats.rich.page import FILE, as_page
from contest.formats.rich.writing import write

from .trees import trees, words

patient = settings(deadline=None, max_examples=400)


@given(trees)
@patient
def test_written_tree_reads_back_the_same(tree):
    assert read(write(tree)) == tree


@given(st.lists(st.one_of(words, st.sampled_from(["\n", "\n\n", "\n  ", "- ", "1. ", "| "])), max_size=12).map("".join))
@patient
def test_whatever_is_typed_is_kept_in_one_form(text):
    once = write(read(text))
    assert write(read(once)) == once


@given(trees.filter(lambda tree: not any(sign in write(tree) for sign in ("\\(", "\\)", "\\[", "\\]"))))
@patient
def test_page_for_other_programs_reads_back_the_same(tree):
    found = read_html(as_page(tree), lambda address: address.removeprefix(FILE))
    assert found == Found(tree, frozenset())
