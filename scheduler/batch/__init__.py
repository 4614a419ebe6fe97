"""Many clinics in one go: each solved in a process of its own, one table of all, resumed where it was left."""
