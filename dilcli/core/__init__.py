"""Arrays and numbers: no files, no terminal."""
