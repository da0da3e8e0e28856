"""Loading, watching and replacing modules while a game runs."""
