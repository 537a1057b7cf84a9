"""Files of questions: how long a file of each format takes behind the airlock, and how much memory.

.venv/bin/python -m bench.questions [--questions 5000]

Each file is read in a child with the limits of the airlock, as an import reads it; the peak of memory is the largest
of the children so far, so that none needed more.
"""

import argparse
import resource
import time
from decimal import Decimal

from contest.formats.drafts import OptionDraft, QuestionDraft
from contest.gateways import airlock
from contest.rules.question_terms import Kind
from contest.services.exchange import WRITERS


def question(number: int) -> QuestionDraft:
    """Return a question with everything that files carry, as long as those of real contests."""
    options = tuple(
        OptionDraft(
            f"Phương án {letter} của câu {number}, viết dài như trong đề thật", Decimal(letter == "A"), "Xem lại Luật"
        )
        for letter in "ABCD"
    )
    text = f"Câu {number}: theo Luật Công đoàn năm 2024,\nđoàn viên có quyền & nghĩa vụ nào sau đây?"
    topic = ("Luật Công đoàn", f"Chương {number % 20 + 1}")
    return QuestionDraft(
        f"C-{number}", Kind.SINGLE_CHOICE, text, options, topic, explanation="Điều 21.", tags=("luật",)
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.questions", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--questions", type=int, default=5_000)
    drafts = [question(number) for number in range(parser.parse_args().questions)]
    for name, write in WRITERS.items():
        begun = time.perf_counter()
        data, _ = write(drafts)
        written = time.perf_counter()
        reading = airlock.read("questions", data)
        done = time.perf_counter()
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024  # the largest so far
        print(
            f"{name:7} {len(data) / 2**20:5.1f} MB  written {written - begun:4.1f} s  read {done - written:4.1f} s  "
            f"{len(reading.drafts)} questions, {len(reading.problems)} problems  peak of children {peak} MB"
        )


if __name__ == "__main__":
    main()
