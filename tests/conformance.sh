#!/usr/bin/env bash
# Checks the gradients of every model of the ONNX standard's own tests, which Debian packages as libonnx-testdata. Takes the installed
# package, or fetches it into a folder that git ignores; no rights are needed. ORTADAM_ONNX_TESTDATA names any other folder that holds them.
set -euo pipefail
cd "$(dirname "$0")/.."
package=libonnx-testdata
cache=$PWD/artifacts/$package

if [ -z "${ORTADAM_ONNX_TESTDATA:-}" ]; then
    ORTADAM_ONNX_TESTDATA=/usr/share/$package/data
    if [ ! -d "$ORTADAM_ONNX_TESTDATA/node" ]; then
        ORTADAM_ONNX_TESTDATA=$cache/usr/share/$package/data
    fi
    if [ ! -d "$ORTADAM_ONNX_TESTDATA/node" ]; then
        mkdir -p "$cache"
        (cd "$cache" && apt-get download "$package" && dpkg-deb -x "$package"_*.deb .)
    fi
fi

export ORTADAM_ONNX_TESTDATA
dotnet run -c Release --project tests/OrtAdaMomentum.Tests -- -trait "Category=Conformance" "$@"
