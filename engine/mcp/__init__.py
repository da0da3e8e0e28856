"""The MCP server: a process beside the game that agents talk to, which starts the game and outlives it."""
