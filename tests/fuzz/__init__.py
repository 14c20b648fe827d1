"""Random inputs of every kind: no exception, no hang, no byte lost. See docs/explanation."""
