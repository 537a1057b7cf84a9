"""Results are versions: computed, checked, approved by a second person, published, superseded; never edited.

Each step is written down once, with who took it. A version that waits beside the one that is shown may be withdrawn until
it is approved.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from contest.rules.refusals import Refusal
from contest.rules.result_terms import Step


@dataclass(frozen=True, slots=True)
class Version:
    """A version with its steps so far: step → who took it (None is the system); being computed is the first of them.

    `waits` says that it lies beside the one that is shown, `is_last` that none came after it.
    """

    steps: Mapping[Step, int | None]
    waits: bool
    is_last: bool
    four_eyes: bool

    @property
    def is_over(self) -> bool:
        return Step.WITHDRAWN in self.steps or not self.is_last

    @property
    def next_step(self) -> Step | None:
        """Return the step that comes now; None when it is published, or over."""
        if self.is_over:
            return None
        return next((s for s in (Step.CHECKED, Step.APPROVED, Step.PUBLISHED) if s not in self.steps), None)


def why_not(step: Step, version: Version, who: int | None) -> Refusal | None:
    """Return why this person may not take a step now, or None.

    Whoever proposed or checked a version does not approve it, unless the organisation has put the second person off.
    """
    if version.is_over:
        return Refusal("version-over")
    if step in version.steps:
        return Refusal("version-step-taken")
    if step is Step.WITHDRAWN:
        if not version.waits:
            return Refusal("version-shown")
        return Refusal("version-approved") if Step.APPROVED in version.steps else None
    if step is not version.next_step:
        return Refusal("version-unchecked" if step is Step.APPROVED else "version-unapproved")
    if step is Step.APPROVED and version.four_eyes and who in _hands(version):
        return Refusal("second-person")
    return None


def _hands(version: Version) -> set[int | None]:
    """Return who has had a hand in a version; the system is nobody."""
    return {version.steps.get(Step.COMPUTED), version.steps.get(Step.CHECKED)} - {None}
