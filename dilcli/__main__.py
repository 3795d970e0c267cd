"""``python -m dilcli``."""

from dilcli.cli import main

if __name__ == "__main__":
    main()
