from __future__ import annotations

import csv
import gzip

import numpy as np
import pytest

from coley.model.errors import UnreadableInput
from coley.vigilance.reading import read_contingency


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "shape", "others"),
    [
        ("mddc_contingency_tables/statin49.csv", (50, 7), ("Other", "Other AE")),
        ("pvlrt_contingency_tables/statin46.csv", (47, 7), ("Other", "Other Pt")),
        ("pvebayes_contingency_tables/statin2025_44.csv", (45, 7), ("Other_drugs", "Other AEs")),
        ("pvebayes_contingency_tables/gbca2025.csv.gz", (1328, 8), ("Other_drugs", None)),
        ("pvlrt_contingency_tables/rv.csv", (794, 2), ("Other", None)),
    ],
)
def test_matrices_of_packages_cell_by_cell(shared, name, shape, others):
    table = read_contingency(shared / name)
    opened = gzip.open if name.endswith(".gz") else open
    with opened(shared / name, "rt", encoding="utf-8", newline="") as stream:
        header, *lines = csv.reader(stream)
    assert table.matrix().shape == shape
    assert table.drugs == tuple(header[1:])
    assert table.events == tuple(line[0].strip() for line in lines)
    np.testing.assert_array_equal(table.matrix(), np.array([line[1:] for line in lines], float))
    named = [table.drugs[at] for at in table.other_drugs], [table.events[at] for at in table.other_events]
    assert named == ([others[0]], [others[1]] if others[1] else [])


@pytest.mark.real
def test_a_list_of_pairs(shared):
    table = read_contingency(shared / "phvid_example" / "phvid_pairs.csv.gz")
    assert len(table.count) == 102_483
    drug, event, counts = table.pairs()
    assert table.drugs[drug[0]], table.events[event[0]] == ("D_1", "AE_175")
    np.testing.assert_array_equal(np.bincount(drug, counts.both)[drug], counts.exposed)
    assert counts.total[0] == table.count.sum()
    assert table.margins_of == "pairs"


def test_a_list_and_a_matrix_are_the_same_table(tmp_path):
    (tmp_path / "m.csv").write_text(",A,B,All others\nRash,1,0,7\nPain,0,2,9\n")
    (tmp_path / "l.csv").write_text(
        "drug\tevent\tn11\nA\tRash\t1\nB\tRash\t0\nAll others\tRash\t7\nB\tPain\t2\nAll others\tPain\t9\n"
    )
    matrix, pairs = read_contingency(tmp_path / "m.csv"), read_contingency(tmp_path / "l.csv")
    assert matrix.drugs == pairs.drugs
    np.testing.assert_array_equal(matrix.matrix(), pairs.matrix())
    assert matrix.other_drugs == pairs.other_drugs == (2,)
    drug, event, counts = matrix.pairs(zeros=True)
    assert counts.both.tolist() == [1, 0, 7, 0, 2, 9]
    assert counts.exposed.tolist() == [1, 2, 16, 1, 2, 16]
    assert counts.event.tolist() == [8, 8, 8, 11, 11, 11]
    assert (drug.tolist(), event.tolist()) == ([0, 1, 2, 0, 1, 2], [0, 0, 0, 1, 1, 1])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (",A,B\nRash,1,x\n", "'x' is no count"),
        (",A,B\nRash,1,\n", "None is no count"),
        (",A,B\nRash,1,-2\n", "'-2' is no count"),
        (",A,B\nRash,1,0.5\n", "'0.5' is no count"),
        (",A,A\nRash,1,2\n", "drug 'A' stands there twice"),
        (",A,B\nRash,1,2\nRash,3,4\n", "event 'Rash' stands there twice"),
        (",A,B\nRash,1,2\nPain,3\n", "1 lines cannot be read"),
        (",A,B\n", "no row"),
        (",A,B\n,1,2\n", "event has no name"),
        (",A,\nRash,1,2\n", "drug has no name"),
        ("drug,event,n\n,Rash,2\n", "drug has no name"),
        ("drug,event,n\nA,,2\n", "event has no name"),
        ("drug,event,n\nA,Rash,1\nA,Rash,2\n", "more than once"),
        ("patient,response\n1,CR\n", "no table of counts"),
    ],
)
def test_what_is_no_table_of_counts_is_refused(tmp_path, text, told):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(UnreadableInput, match=told):
        read_contingency(tmp_path / "t.csv")


@pytest.mark.parametrize("head", ["", "AE", "Unnamed: 0"])
def test_a_matrix_in_a_workbook(tmp_path, head):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "m.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([[head, "Drug A", "All others"], ["Rash", 1, 7], ["Pain", 0, 9]]):
            sheet.write_row(at, 0, row)
    table = read_contingency(path)
    assert (table.drugs, table.events, table.other_drugs) == (
        ("Drug A", "All others"),
        ("Rash", "Pain"),
        (1,),
    )
    assert table.matrix().tolist() == [[1, 7], [0, 9]]
