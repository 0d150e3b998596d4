#!/usr/bin/env bash
# Prints the folder of the ONNX standard's own tests, which Debian packages as libonnx-testdata: the installed one, or one fetched into a
# folder that git ignores (no rights are needed). ORTADAM_ONNX_TESTDATA names any other folder that holds them.
set -euo pipefail
cd "$(dirname "$0")/.."
package=libonnx-testdata
cache=$PWD/artifacts/$package
fetched=$cache/usr/share/$package/data

for folder in ${ORTADAM_ONNX_TESTDATA:+"$ORTADAM_ONNX_TESTDATA"} "/usr/share/$package/data" "$fetched"; do
    if [ -d "$folder/node" ]; then
        echo "$folder"
        exit
    fi
done

mkdir -p "$cache"
cd "$cache"
apt-get download "$package" >&2
dpkg-deb -x "$package"_*.deb .
echo "$fetched"
