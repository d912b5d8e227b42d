"""What simple methods reach on the same examples: a fine-tuned model has to beat them.

All are fitted on the training examples in the same run and judged on the same examples as the
model. Needs the extra `[train]`.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from triage.comparison import Baseline, BaselineScore
from triage.dataset import Example
from triage.entities import Value, candidates
from triage.evaluation import EntityScore, score_entities, score_labels
from triage.linear import Embed, Features, logistic, term_weights
from triage.schema import HEADS

_EPOCHS = 20
_LONGEST = 5

_Predict = Callable[[Sequence[int], Sequence[str], Sequence[int]], Sequence[str]]
"""Labels of the judged examples at these positions, from training positions and their labels."""


def baselines(
    train: Sequence[Example],
    judged: Sequence[Example],
    *,
    embed: Embed | None = None,
    intents: Collection[str] | None = None,
) -> tuple[Baseline, ...]:
    """Majority, words, a frozen encoder (if `embed` is given), and patterns for entities.

    Examples with an intent that is not in `intents` (default: those of training) are out of scope
    and take no part, as in the evaluation of a model.
    """
    known = set(intents or {one.intent for one in train})
    taught = [one for one in train if one.intent in known]
    asked = [one for one in judged if one.intent in known]
    if not (taught and asked):
        return ()
    texts, questions = [one.text for one in taught], [one.text for one in asked]
    terms = term_weights(longest=_LONGEST)
    words = _regression(terms.fit_transform(texts), terms.transform(questions))
    found = [
        Baseline("majority", _heads(taught, asked, _majority)),
        Baseline("TF-IDF + logistic regression", _heads(taught, asked, words)),
    ]
    if embed:
        frozen = _regression(embed(texts), embed(questions))
        found.append(
            Baseline("frozen encoder + logistic regression", _heads(taught, asked, frozen))
        )
    if any(one.entities for one in asked):
        found.append(Baseline("patterns alone", {}, _patterns(asked)))
    return tuple(found)


def first_of_each(text: str) -> dict[str, Value]:
    """The first candidate of each kind that a pattern sees, right or wrong."""
    found: dict[str, Value] = {}
    for one in candidates(text):
        found.setdefault(one.key, one.value)
    return found


def _heads(
    taught: Sequence[Example], asked: Sequence[Example], predict: _Predict
) -> dict[str, BaselineScore]:
    found = {}
    for head in HEADS:
        learnt = [n for n, one in enumerate(taught) if getattr(one, head)]
        posed = [n for n, one in enumerate(asked) if getattr(one, head)]
        if learnt and posed:
            said = predict(learnt, [getattr(taught[n], head) for n in learnt], posed)
            found[head] = _score([getattr(asked[n], head) for n in posed], said)
    return found


def _score(wanted: Sequence[str], said: Sequence[str]) -> BaselineScore:
    names = sorted({*wanted, *said})
    place = {name: n for n, name in enumerate(names)}
    accuracy, macro_f1, _, _ = score_labels(
        [place[one] for one in wanted], [place[one] for one in said], names
    )
    return BaselineScore(accuracy, macro_f1)


def _majority(_: Sequence[int], labels: Sequence[str], posed: Sequence[int]) -> Sequence[str]:
    ((label, _count),) = Counter(labels).most_common(1)
    return [label] * len(posed)


def _regression(taught: Features, asked: Features) -> _Predict:
    def predict(
        learnt: Sequence[int], labels: Sequence[str], posed: Sequence[int]
    ) -> Sequence[str]:
        if len(set(labels)) == 1:
            return [labels[0]] * len(posed)
        model = logistic(len(learnt), epochs=_EPOCHS).fit(taught[learnt], labels)
        return [str(one) for one in model.predict(asked[posed])]

    return predict


def _patterns(asked: Sequence[Example]) -> EntityScore:
    labelled = [one for one in asked if one.entities is not None]
    return score_entities(
        [one.entities or {} for one in labelled], [first_of_each(one.text) for one in labelled]
    )
