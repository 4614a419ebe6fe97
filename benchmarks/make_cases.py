"""Writes the weeks of the benchmarks as workbooks, to look at or to solve by hand.

``python -m benchmarks.make_cases OUTDIR`` from the root of the repository writes them all.
"""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks.cases import FAMILIES, SEEDS, SIZES, cases


@click.command()
@click.argument("outdir", type=click.Path(path_type=Path, file_okay=False))
@click.option("--family", type=click.Choice(list(FAMILIES)), multiple=True, help="These families alone.")
@click.option("--patients", type=click.IntRange(min=1), multiple=True, help="These sizes alone.")
@click.option("--seeds", type=click.Choice(list(SEEDS)), default="reported", show_default=True)
def main(outdir: Path, family: tuple[str, ...], patients: tuple[int, ...], seeds: str) -> None:
    """Write a workbook for each week into OUTDIR, over files of the same names."""
    outdir.mkdir(parents=True, exist_ok=True)
    for case in cases(family or FAMILIES, patients or SIZES, SEEDS[seeds]):
        path = outdir / f"{case.name}.xlsx"
        case.write(path)
        click.echo(str(path))


if __name__ == "__main__":
    main()
