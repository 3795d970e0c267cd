"""What can go wrong for a user, as few classes as there are meanings.

Every message is one line that names the value, what is wrong with it, and what would be right.
"""

__all__ = ["ArgumentError", "DilcliError", "ImageFileError", "KernelError", "LayerError"]


class DilcliError(Exception):
    """Root of everything dilcli raises on purpose."""


class ArgumentError(DilcliError, ValueError):
    """A value, shape or combination of settings that has no meaning."""


class KernelError(DilcliError, ValueError):
    """A kernel text, kernel file or kernel array that cannot be used."""


class LayerError(DilcliError, ValueError):
    """A layer text or layer record that cannot be used."""


class ImageFileError(DilcliError, OSError):
    """A file that is missing, unreadable, refused, or cannot hold what it is asked to hold."""
