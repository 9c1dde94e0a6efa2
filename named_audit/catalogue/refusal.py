"""What named refuses although it is understood: the raw material of the `invalid-` findings."""

from typing import NamedTuple

from named_audit.syntax.source import Related, Span


class Refusal(NamedTuple):
    """One fault that leaves the model in no doubt.

    `rule` is the id of the rule that reports it, "invalid-argument" for instance. A fault that leaves the model in
    doubt is a `Problem` instead, never both.
    """

    rule: str
    message: str
    span: Span
    related: tuple[Related, ...] = ()
    absence: bool = False
    """Whether it argues from what is not there, and holds only if everything was read."""
    decides: bool = False
    """Whether it leaves in doubt who may transfer a zone, so that it is a problem wherever it holds."""

    @property
    def kind(self) -> str:
        """The rule, where problems and refusals are listed together."""
        return self.rule

    @property
    def path(self) -> str:
        """The file, as it is shown."""
        return self.span.source.path
