"""The ECS core: entities, tables of columns, queries, commands, events, resources and snapshots."""
