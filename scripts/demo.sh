#!/usr/bin/env bash
# From a clean checkout to results: installs what is missing, builds Lambent, fetches two real models, compiles them
# ahead of time, and shows what they say of some files and of a picture. A second run is incremental.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh
scripts/build.sh lambent-driver
build/venv/bin/python scripts/models/fetch.py --only magika-v3 ppocrv4-rec
exec build/venv/bin/python scripts/demo.py build/bin/lambent build/demo
