"""Draw and synthesise everything that examples/asteroids shows and plays."""
