"""Events as arrays: observables, features, particles, conditions, how events look."""
