"""The materials. Copy one of these files under another name, change NAME and the rule, and it is in the palette."""
