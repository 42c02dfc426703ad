"""The reader of rows: as the standard library reads sound files, and unlike it the broken ones."""

import csv
import io
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_crm.connectors.csv_file import CsvFile
from sync_crm.connectors.csv_records import RowReader
from tests.unit.sync_crm.reading import read

CELLS = st.text(
    alphabet=st.one_of(
        st.sampled_from('abc ,;\t"\n\r€ü'),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=12,
)


def rows_of(text, delimiter=","):
    return list(RowReader(io.StringIO(text, newline=""), delimiter))


@given(
    rows=st.lists(st.lists(CELLS, min_size=2, max_size=4), max_size=8),
    delimiter=st.sampled_from(",;\t"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quote_all=st.booleans(),
)
def test_sound_rows_are_read_as_written_with_the_lines_they_begin_on(
    rows, delimiter, line_end, quote_all
):
    text, expected, line = "", [], 1
    for row in rows:
        written = io.StringIO(newline="")
        quoting: Any = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
        writer = csv.writer(written, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
        writer.writerow(row)
        expected.append((line, row, None))
        text += written.getvalue()
        line += len(io.StringIO(written.getvalue(), newline="").readlines())

    assert rows_of(text, delimiter) == expected


@given(
    ids=st.lists(st.text(alphabet="abcü€", min_size=1), unique=True, max_size=5),
    names=st.lists(CELLS.filter(str.strip), min_size=5, max_size=5),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    delimiter=st.sampled_from(",;\t"),
)
def test_any_encoding_and_delimiter_give_the_same_records(ids, names, encoding, delimiter):
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerow(["external_id", "name", "status"])
    writer.writerows([id_, name, "open"] for id_, name in zip(ids, names, strict=False))

    found = read(written.getvalue().encode(encoding))

    assert found.problems == []
    assert [(record.external_id, record.name) for record in found.records] == [
        (id_, name.strip()) for id_, name in zip(ids, names, strict=False)
    ]


@given(st.text(alphabet='ab,"\n\r', max_size=60))
def test_no_text_makes_the_reader_lose_count_or_hang(text):
    found = rows_of(text)

    lines = io.StringIO(text, newline="").readlines()
    numbers = [line for line, _, _ in found]
    assert numbers == sorted(set(numbers))
    assert all(1 <= number <= len(lines) for number in numbers)
    # A line without quotes that no quoted cell reaches is a row of its own.
    if '"' not in text:
        assert len(found) == sum(line.rstrip("\r\n") != "" for line in lines)


def test_a_stray_quote_costs_its_own_row_only():
    found = rows_of('a,b\n"c,d\ne,f\n')

    assert found == [
        (1, ["a", "b"], None),
        (2, [], ("unterminated_quote", None)),
        (3, ["e", "f"], None),
    ]


def test_a_quoted_cell_that_goes_on_after_its_end_costs_its_own_row_only():
    found = rows_of('a,b\n"c,d\n"e"x,f\ng,h\n')

    assert [(line, fault and fault[0]) for line, _, fault in found] == [
        (1, None),
        (2, "broken_quotes"),
        (3, "broken_quotes"),
        (4, None),
    ]


@pytest.mark.parametrize("quoted", [True, False], ids=["quoted", "not quoted"])
def test_a_30_mb_cell_is_refused_in_flat_memory(quoted):
    quote = '"' if quoted else ""
    middle = ("x" * 999 + ("\n" if quoted else "y")) * 30_000
    text = f"external_id,name,status\n1,{quote}{middle}{quote},open\n2,B,open\n"
    content = text.encode()
    del text, middle
    tracemalloc.start()

    found = read(content)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.faults == [(2, "name", "cell_too_large")]
    assert [record.external_id for record in found.records] == ["2"]
    assert found.records[0].line == (30_003 if quoted else 3)
    assert peak < 8_000_000


def test_a_row_of_commas_without_end_is_refused_in_flat_memory():
    content = ("external_id,name,status\n" + "," * 3_000_000 + '"\n"\n2,B,open\n').encode()
    tracemalloc.start()

    found = read(content)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [code for _, _, code in found.faults] == ["too_many_cells"]
    assert len(found.records) == 1
    assert peak < 20_000_000


def test_a_file_of_many_rows_is_read_in_flat_memory():
    body = b"".join(b"%d,Deal number %d,open\n" % (n, n) for n in range(60_000))
    content = b"external_id,name,status\n" + body
    stream: Any = io.BufferedReader(io.BytesIO(content), 1 << 16)
    file = CsvFile(stream, "deals", None, "UTC")
    tracemalloc.start()

    count = sum(1 for _ in file.rows())

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 60_000
    assert peak < 3_000_000
