"""The optional words of a language model on a diagnosis.

A model is shown numbers, kinds and signs without names, and writes at most six sentences. `word`
keeps those that cite what they rest on and say nothing else; it returns them beside the diagnosis,
which was made before and is not touched. So nothing that a model says can become a cause.
"""

from fintech_infra.operations.diagnosis.wording.asking import Sentence, Wording, shown, word
from fintech_infra.operations.diagnosis.wording.saying import as_json, lines

__all__ = ["Sentence", "Wording", "as_json", "lines", "shown", "word"]
