"""Faulty edits of a running game: whatever they are, the game goes on as if they had never been made."""
