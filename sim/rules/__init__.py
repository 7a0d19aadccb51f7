"""The rules of the model: pure functions of arrays, a file per topic."""
