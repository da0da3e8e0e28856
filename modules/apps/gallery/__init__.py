"""Gallery: the menu of games that opens when no game is named.

It asks `core.apps.list` which games there are and starts one by `core.apps.start`, so any module of the room apps
could take its place. Each game is a card in a row; the row slides so that the chosen one stands in the middle.
"""
