"""Problems of a week that no single cell shows, found before anything is solved. Knows nothing of the solver."""
