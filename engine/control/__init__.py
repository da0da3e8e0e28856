"""The control port: a running game, reached from outside. Off unless asked for."""
