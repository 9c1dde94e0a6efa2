"""`python -m named_audit`."""

from named_audit.cli import main

if __name__ == "__main__":
    main()
