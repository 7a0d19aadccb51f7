"""The same model once more, as an ordinary Mesa programme, to hold the laboratory against: `model.PlainModel`."""
