"""Where the tests find the corpora: recorded evidence that is not part of the project.

ASSAY_CORPORA names the folder into which they are unpacked. Where it is not set, the
folder shared/corpora beside the project is unpacked once, into the build folder; where that
is missing too, the test is skipped.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
ROOT = pathlib.Path(__file__).resolve().parent.parent


def folder(build):
    """The folder of the corpora; does not return where there are none."""
    named = os.environ.get("ASSAY_CORPORA")
    if named:
        if os.path.isdir(named):
            return pathlib.Path(named)
        print(f"ASSAY_CORPORA is no folder: {named}")
        sys.exit(1)
    unpack = ROOT.parent / "shared" / "corpora" / "unpack.sh"
    if not unpack.exists() or not shutil.which("zstd"):
        print("skipped: the corpora are not here (ASSAY_CORPORA names their folder)")
        sys.exit(SKIP)
    dest = pathlib.Path(build) / "corpora"
    if not dest.is_dir():
        unpack_to(unpack, dest)
    return dest


def unpack_to(unpack, dest):
    """Unpacks beside and renames: of two tests at once, one wins and both are served."""
    with tempfile.TemporaryDirectory(dir=dest.parent) as beside:
        fresh = pathlib.Path(beside) / "corpora"
        subprocess.run(["sh", unpack, fresh], check=True)
        try:
            fresh.rename(dest)
        except OSError:
            if not dest.is_dir():
                raise
