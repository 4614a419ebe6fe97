"""An outside judge of the scheduler: it knows the published contract and none of the scheduler's code."""
