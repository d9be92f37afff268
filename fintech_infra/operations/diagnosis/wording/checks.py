"""Whether a sentence holds: it says nothing but what it cites, and nothing against the ranks.

A sentence consists of common words, of the words, names and numbers of what it cites, and is about
one cause at most. So a cause that is not among those that were found has no words to be told in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from fintech_infra.operations.diagnosis.answer import Condition, Outcome
from fintech_infra.operations.diagnosis.wording.items import Doing, Item, Picture, cited
from fintech_infra.operations.diagnosis.wording.words import (
    COMMON,
    DENYING,
    EARLIER,
    LATER,
    MINUTES,
    NEGATIONS,
    QUIET,
    listed,
    words_of,
)

LONGEST: Final = 300
"""Characters of a sentence."""
CITELESS: Final = "without a citation"
UNKNOWN_CITED: Final = "citing what was not sent"
LONG: Final = "empty or too long"
MARKED: Final = "of other characters, or of several sentences"
FOREIGN_NAME: Final = "naming what it does not cite"
FOREIGN_NUMBER: Final = "with a number of nothing that it cites"
FOREIGN_WORD: Final = "with a word of nothing that it cites"
SEVERAL: Final = "about several causes"
AGAINST: Final = "against what was found"

_TEXT: Final = re.compile(r"[A-Za-z0-9 ,.:()+\"'-]+")
_ENDS: Final = re.compile(r"[.!?]\s")
_NAME: Final = re.compile(r"([cemrsx]\d{1,6})(?:'s)?")
_NUMBER: Final = re.compile(r"[+-]?\d{1,9}(?:\.\d{1,6})?")
_DENIALS: Final = re.compile(
    r"\b(?:(?:is|was|be) )?(?:ruled out(?: as (?:a|the) cause)?|cannot be (?:a|the) cause)\b"
)
_CLAIMS: Final = listed(
    """
    cause likely likeliest unlikely probable probably possible leads lead leading stands strong
    stronger strongest weak weaker weakest best main top first most least explain explains point
    points suggest suggests speak speaks support supports agree agrees follow ruled rank ranks
    ranked
    """
)
"""Words that say how good a cause is."""
_STRONG: Final = listed(
    """
    leads lead leading stands likeliest strongest best main top first most likely probable probably
    explain explains
    """
)
"""Of them those that say that it is the best."""
_LIKELY: Final = frozenset({"likely", "probable", "probably"})
_SPEAKING: Final = listed(
    "agree agrees confirm confirms point points speak speaks suggest suggests support supports"
)
_WEAK: Final = listed("unlikely weaker weakest least less fewer")
_GRADED: Final = listed(
    "likely likeliest probable possible leading strongest stronger best main top first unlikely "
    "weak weaker weakest strong next other same each every"
)
"""One of these stands before "cause": a score is no proof."""
_ORIGIN: Final = listed("incident begin begins began begun happen happens happened")
"""What is said to have come of something, if it stands beside it."""
_SWEEPING: Final = listed("only all any both each every other others more main")
"""What sets a cause above the others."""
_OF_RULED_OUT: Final = listed(
    """
    a an the this that which it its is was are were be of in on at to and as change changes come
    comes came onset incident ruled out cause cannot too minute minutes min
    """
)
"""The common words that a sentence about a change after the onset may have."""
_NUMBERED: Final = frozenset({"rank", "score", "weight"})


@dataclass(frozen=True)
class _Sentence:
    """The words of a sentence, in lower case and in order, and what it cites."""

    words: Sequence[str]
    items: Sequence[Item]
    outcome: Outcome

    @cached_property
    def said(self) -> frozenset[str]:
        return frozenset(self.words)

    @cached_property
    def causes(self) -> Mapping[str, Item]:
        """The causes, and the changes ruled out, that it is about."""
        return {it.id: it for it in self.items if it.id == it.cause}

    @cached_property
    def is_denial(self) -> bool:
        """Whether it says "no" or the like, other than as a word of a kind."""
        own = Condition.UNRECORDED in {it.kind for it in self.items}
        return bool(self.said & (NEGATIONS - {"nothing"} if own else NEGATIONS))


def why_not(text: str, ids: Sequence[str], picture: Picture) -> str:
    """Why a sentence that cites `ids` does not hold, empty where it does."""
    if not ids:
        return CITELESS
    if not all(it in picture.items for it in ids):
        return UNKNOWN_CITED
    if not text.strip() or len(text) > LONGEST:
        return LONG
    if not _TEXT.fullmatch(text) or _ENDS.search(text):
        return MARKED
    items = list(cited(ids, picture.items))
    sentence = _Sentence(list(_words(text)), items, picture.outcome)
    if not sentence.words:
        return LONG
    if len(sentence.causes) > 1:
        return SEVERAL
    return _foreign(sentence) or (AGAINST if any(_contradictions(sentence)) else "")


def _words(text: str) -> Iterator[str]:
    """The words, names and numbers of a sentence."""
    for piece in text.lower().replace('"', " ").split():
        bare = piece.strip("(),.:'")
        if not bare:
            continue
        if _NAME.fullmatch(bare) or _NUMBER.fullmatch(bare):
            yield bare.removesuffix("'s")
        else:
            yield from bare.split("-")


def _foreign(sentence: _Sentence) -> str:
    """Which part of it belongs to nothing that it cites."""
    lent = COMMON | NEGATIONS | MINUTES
    names = {it.id for it in sentence.items}
    for item in sentence.items:
        lent |= item.words
        names |= item.resources
    words = sentence.words
    for at, word in enumerate(words):
        if _NAME.fullmatch(word):
            if word not in names:
                return FOREIGN_NAME
        elif _NUMBER.fullmatch(word):
            if not _is_known(words, at, sentence.items):
                return FOREIGN_NUMBER
        elif word not in lent:
            return FOREIGN_NUMBER if any(map(str.isdigit, word)) else FOREIGN_WORD
    return ""


def _is_known(words: Sequence[str], at: int, items: Sequence[Item]) -> bool:
    """Whether a number is one of what is cited: a time, before or after the onset, or another."""
    number, after = words[at], words[at + 1 : at + 3]
    if after and after[0] in MINUTES:
        known = [it.minutes for it in items if it.minutes is not None]
        if set(after[1:]) & EARLIER:
            return -abs(float(number)) in known
        if set(after[1:]) & LATER:
            return abs(float(number)) in known
    else:
        names = [it.removesuffix("s") for it in words[max(at - 3, 0) : at]]
        named = next((it for it in reversed(names) if it in _NUMBERED), "")
        known = [value for it in items for name, value in it.numbers.items() if named in ("", name)]
    if number.startswith(("+", "-")):
        return float(number) in known
    return float(number) in map(abs, known)


def _contradictions(sentence: _Sentence) -> Iterator[bool]:
    """Yield for each rule whether the sentence breaks it."""
    yield _denies_wrongly(sentence)
    yield _acts_wrongly(sentence)
    (cause,) = sentence.causes.values() if sentence.causes else (None,)
    if cause is None:
        yield bool(sentence.said & _CLAIMS)
    elif cause.rank == 0:
        yield _blames_what_is_ruled_out(sentence)
    else:
        yield _misplaces(sentence, cause)
        yield _misreads(sentence)


def _denies_wrongly(sentence: _Sentence) -> bool:
    """Whether it denies what no sign denies, or tells of a sign that does as if it did not."""
    kinds = {it.kind for it in sentence.items if it.kind is not None}
    ruled_out = any(it.rank == 0 for it in sentence.causes.values())
    if sentence.is_denial:
        return not (kinds & (DENYING | QUIET) or ruled_out)
    others = frozenset[str]().union(*(it.words for it in sentence.items if it.kind not in DENYING))
    denied = frozenset[str]().union(*(words_of(it) for it in kinds & DENYING))
    return bool(sentence.said & (denied - others - COMMON))


def _acts_wrongly(sentence: _Sentence) -> bool:
    """Whether it undoes without a condition what is to be undone only after a check."""
    kinds = {it.kind for it in sentence.items}
    undoes = bool(sentence.said & {"undo", "undoes", "undoing", "undone", "back", "revert"})
    if not undoes:
        return False
    return sentence.is_denial or (Doing.UNDO not in kinds and "if" not in sentence.said)


def _blames_what_is_ruled_out(sentence: _Sentence) -> bool:
    """Whether it says more of a change after the onset than that it cannot be the cause."""
    rest = frozenset(_DENIALS.sub(" ", " ".join(sentence.words)).split())
    lent = frozenset[str]().union(*(it.words for it in sentence.items))
    more = (rest & (COMMON | NEGATIONS)) - _OF_RULED_OUT - lent
    return bool(more or rest & (_CLAIMS | NEGATIONS))


def _misplaces(sentence: _Sentence, cause: Item) -> bool:
    """Whether it gives a cause another place than its rank, or calls it more than likely."""
    said, words = sentence.said, sentence.words
    is_best = cause.rank == 1 and sentence.outcome is not Outcome.UNKNOWN
    stands_out = is_best and sentence.outcome is Outcome.STANDS_OUT
    lessened = any(
        word in ("less", "least") and after in _LIKELY for word, after in pairwise(words)
    )
    own = listed(cause.kind.value) if cause.kind else frozenset[str]()
    strong = said & (_STRONG - _LIKELY - {"most", "least"} if lessened else _STRONG)
    return (
        "ruled" in said
        or (sentence.is_denial and bool(said & _CLAIMS))
        or any(after == "cause" and word not in _GRADED for word, after in pairwise(["", *words]))
        or (bool(strong) and not is_best)
        or ("stands" in said and not stands_out)
        or (cause.rank == 1 and bool(said & _WEAK))
        or (cause.rank > 1 and bool(said & (_ORIGIN | _SWEEPING) - cause.words - own))
        or (stands_out and "weak" in said)
    )


def _misreads(sentence: _Sentence) -> bool:
    """Whether it takes evidence for a cause for evidence against it, or the other way about."""
    weights = [it.numbers.get("weight", 0.0) for it in sentence.items]
    if "against" in sentence.said:
        return not any(it < 0 for it in weights)
    return bool(sentence.said & _SPEAKING) and not any(it > 0 for it in weights)
