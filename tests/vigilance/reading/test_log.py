from coley.vigilance.reading.log import Counter, FileLog, ReadingLog, Tally


def test_a_counter_counts_all_and_keeps_the_first_lines_and_the_first_example():
    counter = Counter(3)
    counter.add("cut", [2, 5])
    counter.add("cut", [7, 9, 11], example="x" * 200)
    counter.add("cut", [12], count=40, example="y")
    counter.add("blank", [])
    assert counter.tallies() == (Tally("cut", 45, (2, 5, 7), "x" * 80),)


def test_refused_files_do_not_count_among_what_was_dropped():
    lost = (Tally("cut", 2, (4, 5)),)
    used = FileLog("a", "faers", "reports", lines=4, header=1, kept=1, dropped=lost)
    log = ReadingLog((used, FileLog("b", "faers", "drugs", lines=2, dropped=lost, altered=lost, used=False)))
    assert log.dropped == {"cut": 2}
    assert log.altered == {}
    assert log.adds_up
    assert not ReadingLog((FileLog("c", "faers", "drugs", lines=3, header=1, kept=1),)).adds_up
