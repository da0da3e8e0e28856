"""Draw and synthesise everything that examples/survivors shows and plays."""
