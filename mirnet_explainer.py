"""Entry point of the `mirnet` command: checks that the packages it imports are ours."""

import sys

from mirnet_packages import complaint, strangers


def main(argv: list[str] | None = None) -> int:
    """Run the `mirnet` command; returns its exit code."""
    others = strangers()
    if "explain" in others:  # the command itself lives there, so not even `mirnet doctor` can start
        print(f"mirnet: error: {complaint('explain', others['explain'])}", file=sys.stderr)
        return 2
    from explain.cli.main import main as command

    return command(argv)


if __name__ == "__main__":
    sys.exit(main())
