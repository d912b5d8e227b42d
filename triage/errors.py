"""Everything that can go wrong in `triage`.

TriageError
├── LabelsInvalid        a model's JSON breaks the contract; names the field
├── ExamplesInvalid      a file of examples cannot be used; names the line
├── ModelInvalid         a model's folder is incomplete or its files do not fit together
├── ModelUnavailable     no labels came back: time-out, overload, network
│   └── ModelRefused     the provider refuses us: wrong key, unknown model, no quota
├── MailRefused          a mail is too large, too long or too deep to be read; says which
├── TuningFailed         a fine-tuning job ended without a model
└── PromotionRefused     a candidate is worse than the model in use; names the head
"""


class TriageError(Exception):
    """Root of the tree; the message is written for the engineer who runs the desk."""


class LabelsInvalid(TriageError):
    """A model's JSON breaks the contract."""


class ExamplesInvalid(TriageError):
    """A file of examples cannot be used."""


class ModelInvalid(TriageError):
    """A model's folder is incomplete or its files do not fit together."""


class ModelUnavailable(TriageError):
    """The model gave no labels."""


class ModelRefused(ModelUnavailable):
    """The model's provider refuses the request; trying again does not help."""


class MailRefused(TriageError):
    """A mail that no reader should open; the message says which bound it breaks, for people."""


class TuningFailed(TriageError):
    """A fine-tuning job ended without a model."""


class PromotionRefused(TriageError):
    """A candidate is worse than the model in use."""
