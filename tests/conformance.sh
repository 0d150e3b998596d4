#!/usr/bin/env bash
# Checks the gradients of every model of the ONNX standard's own tests; conformance-data.sh says where these come from.
set -euo pipefail
cd "$(dirname "$0")/.."
ORTADAM_ONNX_TESTDATA=$(tests/conformance-data.sh)
export ORTADAM_ONNX_TESTDATA
dotnet run -c Release --project tests/OrtAdaMomentum.Tests -- -trait "Category=Conformance" "$@"
