"""Models of a run's draws beside the paired estimates: mixed logistic, and ordinal in how bad a loss is."""
