#!/bin/bash
# Genesys' own client, purecloud-platform-client-v2, talks to the emulator.
. "$(dirname "$0")/lib.sh"

npm_tools
emulator --delivery-delay 0
# Its home would hold its settings.
HOME=$work NPM_FOLDER=$npm_folder node "$top/tests/e2e/genesys_witness.js" "$url" >"$work/witness" 2>&1 || bad "the witness"
cat "$work/witness"
finish
