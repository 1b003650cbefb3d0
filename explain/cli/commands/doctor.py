"""`mirnet doctor`: what is here, what is missing, and how to get it."""

import argparse


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Add `mirnet doctor` to the command."""
    subparsers.add_parser(
        "doctor",
        help="say what is installed here, and what a missing piece would give",
        description="Try every library, look for every tool, and say what each missing one would give. "
        "Exit code 1 when something that is required is missing or broken.",
    )


def run(args: argparse.Namespace) -> int:
    """Print the findings; 0 when everything required works, 1 otherwise."""
    from rich.table import Table
    from rich.text import Text

    from explain.cli.console import result_console
    from explain.cli.doctor import BROKEN, MISSING, OK, examine

    styles = {OK: "green", MISSING: "yellow", BROKEN: "bold red"}
    console = result_console(80)
    with console.status("Checking (the libraries are tried one by one)"):
        found = examine()
    for heading, findings in found.items():
        table = Table(title=heading, title_justify="left", title_style="bold", show_header=False, expand=True)
        table.add_column(width=18)
        table.add_column(width=7)
        table.add_column(ratio=1, overflow="fold")
        for finding in findings:
            style = styles[BROKEN if finding.is_fault else finding.state]
            table.add_row(finding.name, Text(finding.state, style=style), Text(finding.text))
        console.print(table)
    faults = [finding.name for findings in found.values() for finding in findings if finding.is_fault]
    if faults:
        console.print(f"Required, and missing or broken: {', '.join(faults)}.", style="bold red")
        return 1
    console.print("Everything that is required is here.", style="green")
    return 0
