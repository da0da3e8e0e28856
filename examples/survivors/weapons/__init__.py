"""The weapons, one to the file. A file that is added is on offer at the next level."""
