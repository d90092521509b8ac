"""The contestants that have to be built, by the esbuild that builds the widget."""

import subprocess
from pathlib import Path

HERE = Path(__file__).parent
NPM = HERE / "node_modules"
OWN = HERE / "peers"
ESBUILD = HERE.parents[1] / "widget" / "node_modules" / ".bin" / "esbuild"
ENTRIES = ("floor/floor.js", "peers/c15t-headless.js", "peers/c15t-react.jsx")


class NotInstalled(Exception):
    """The packages that are measured, or the tool that bundles them, are not there; says what to do."""


def build(folder: Path) -> None:
    """Writes floor.js and c15t's scripts and style sheet, minified, into `folder`; raises NotInstalled."""
    for needed, where in ((NPM, "bench/widget"), (ESBUILD, "widget")):
        if not needed.exists():
            raise NotInstalled(f"Node.js packages are missing: cd {where} && npm ci")
    subprocess.run(
        [
            ESBUILD, *ENTRIES, "--bundle", "--minify", "--format=iife", "--target=es2020", "--charset=utf8",
            "--jsx=automatic", '--define:process.env.NODE_ENV="production"', "--legal-comments=none",
            "--log-level=error", "--entry-names=[name]", f"--outdir={folder}",
        ],
        cwd=HERE,
        check=True,
    )  # fmt: skip
