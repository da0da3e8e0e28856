"""Time of a running game: its last seconds, ways back and beside, and what is written down to be played again."""
