"""From two samples to weights: plan, trainings, schedule, gather."""
