"""What makes the pictures, sounds and maps of the platformer."""
