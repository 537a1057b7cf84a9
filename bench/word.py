"""A Word list of 5,000 questions: how long writing and reading it take, and how much memory the reader needs.

.venv/bin/python -m bench.word [--questions 5000]

Reading runs behind the airlock, as an import does, with the limits that it has there; the peak is that of the child.
"""

import argparse
import json
import resource
import time
from decimal import Decimal

from contest.formats.drafts import OptionDraft, QuestionDraft
from contest.formats.word import write_word
from contest.gateways import airlock
from contest.rules.question_terms import Difficulty, Kind

SUBJECT = "Theo Luật Công đoàn, tổ chức nào đại diện, chăm lo, bảo vệ quyền và lợi ích hợp pháp, chính đáng của người lao động"
PER_TOPIC = 250


def question(number: int) -> QuestionDraft:
    """Return a question of usual length with everything that Word carries."""
    texts = (f"Công đoàn cơ sở nơi người lao động làm việc, phương án {at} của câu {number}" for at in range(4))
    return QuestionDraft(
        code=f"C-{number:05}",
        kind=Kind.SINGLE_CHOICE,
        text=f"{SUBJECT} (câu {number})?",
        options=tuple(OptionDraft(text, Decimal(at == number % 4)) for at, text in enumerate(texts)),
        topic=(f"Chủ đề {number // PER_TOPIC + 1}",),
        difficulty=Difficulty.RECALL,
        source="Luật Công đoàn 2024, Điều 5",
        explanation="Theo khoản 1 Điều 5 của Luật này.",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=5_000)
    drafts = [question(number) for number in range(parser.parse_args().questions)]
    began = time.perf_counter()
    data, _ = write_word(drafts)
    written = time.perf_counter()
    reading = airlock.read("docx", data)
    read = time.perf_counter()
    assert (len(reading.drafts), reading.problems) == (len(drafts), ())
    figures = {
        "questions": len(drafts),
        "kilobytes": len(data) // 1024,
        "seconds to write": round(written - began, 1),
        "seconds to read": round(read - written, 1),
        "megabytes at the reader's peak": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }
    print(json.dumps(figures, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
