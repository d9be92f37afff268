"""What is usual in the history of a stack, and what is surprising in a change to it.

`learn` reads what earlier environments chose into `Habits`; `review` holds a change to them and
says what it found, what it could not say yet and what is unknown. It is advice: nothing here
decides whether a change goes out.
"""

from fintech_infra.operations.review.habits import FORMAT, Habits, HabitsError, learn, merged
from fintech_infra.operations.review.judging import review, surprises
from fintech_infra.operations.review.surprise import Place, Review, Surprise, Unlearnt

__all__ = [
    "FORMAT",
    "Habits",
    "HabitsError",
    "Place",
    "Review",
    "Surprise",
    "Unlearnt",
    "learn",
    "merged",
    "review",
    "surprises",
]
