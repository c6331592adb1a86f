#!/usr/bin/env python3
"""Windows events as JSON, over the corpora: see json_twins_main.c.

    test_json_corpora.py JSON_TWINS BUILD_FOLDER
"""
import subprocess
import sys

import corpora

twins, build = sys.argv[1:]
sys.exit(subprocess.run([twins, corpora.folder(build)]).returncode)
