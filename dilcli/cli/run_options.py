"""The options of every command that makes pictures of pictures: inputs, outputs, the run itself."""

from __future__ import annotations

from pathlib import Path

import click

from dilcli.cli.params import FormatParam, FramesParam, SizeParam, WordParam
from dilcli.core.response import DEPTHS

__all__ = ["DEPTH", "INPUT_OPTIONS", "OUTPUT_DIR", "RUN_OPTIONS", "WORK_OPTIONS"]

DEPTH = click.option(
    "--depth",
    type=WordParam(DEPTHS, "D"),
    default="same",
    show_default=True,
    help="Samples of the output: same, 8, 16, float.",
)
#: Which inputs, and what of them.
INPUT_OPTIONS = (
    click.option(
        "--frames",
        type=FramesParam(),
        metavar="N,N-M",
        default="all",
        help="Frames or pages, from 0: 0 or 2-5.",
    ),
    click.option("-r", "--recursive", is_flag=True, help="Enter folders in folders."),
    click.option(
        "--include",
        metavar="PATTERN",
        multiple=True,
        help="Take only inputs that match, such as '*.tif'; may be given again.",
    ),
    click.option(
        "--exclude",
        metavar="PATTERN",
        multiple=True,
        help="Leave out inputs and folders that match; may be given again.",
    ),
    click.option(
        "--files-from", metavar="FILE", help="Names of inputs, one a line; - for standard input."
    ),
    click.option("-0", "--null", is_flag=True, help="Names of --files-from end with a NUL."),
)
OUTPUT_DIR = click.option(
    "--output-dir",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder for outputs; made if missing.",
)
#: What happens to outputs that exist, by which means the work is done, what is said.
WORK_OPTIONS = (
    click.option("--overwrite", is_flag=True, help="Replace outputs that exist."),
    click.option("--skip-existing", is_flag=True, help="Leave outputs that exist alone."),
    click.option("--max-pixels", type=click.IntRange(min=1), metavar="N", help="Refuse more."),
    click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=1),
        metavar="N",
        help="Files at a time, or threads of a single one; default all processors.",
    ),
    click.option(
        "--memory-limit",
        type=SizeParam(),
        metavar="SIZE",
        help="All that the run may take, as 512MB; larger TIFF, .npy and Zarr go strip by strip.",
    ),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="A Dask scheduler whose workers do the work; local starts one.",
    ),
    click.option("--fail-fast", is_flag=True, help="End at the first failure."),
    click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing."),
    click.option(
        "--log",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Append what is said to a file.",
    ),
    click.option("--json", "json_", is_flag=True, help="One JSON object per output on stdout."),
)
#: Of commands that make a picture of each picture.
RUN_OPTIONS = (
    *INPUT_OPTIONS,
    click.option("-o", "--output", metavar="PATH", help="A file, a template, or - for stdout."),
    OUTPUT_DIR,
    click.option("--format", "format_", type=FormatParam(), help="Format of - or default names."),
    click.option("--quality", type=int, metavar="N", help="1 to 100 for JPEG, WebP, AVIF."),
    click.option("--compression", metavar="C", help="0 to 9 for PNG and TIFF; none."),
    click.option("--strip-metadata", is_flag=True, help="Write pixels only."),
    *WORK_OPTIONS,
)
