#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the Python environment of the peer tests: setup.sh [FOLDER], by default build/peers. Needs a package index.
set -eu
folder=${1:-"$(dirname "$0")/../../build/peers"}
[ -x "$folder/bin/python3" ] || python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check 'pysigma==1.5.1' 'pysigma-backend-sqlite==2.0.0' \
    'stix2-validator==3.2.0' taxii2-client pymisp feedparser
echo "peers are in $folder"
