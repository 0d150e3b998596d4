#!/usr/bin/env bash
# Packs the tool, sees that the package of every platform holds its own native library and no other's, and runs the installed tool.
# Asks no registry: the packages that were restored before are the source of everything.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
restored=$(dotnet nuget locals global-packages --list | sed "s/.*: //; s:/$::")
largest=25000000

fail() {
    echo "$1" >&2
    cat "$work/log" >&2
    exit 1
}

timeout -k 5 240 dotnet pack src/Artifacts.Tools -c Release -v q -clp:NoSummary --artifacts-path "$work/artifacts" -o "$work/packages" \
    "-p:RestoreSources=$restored" >"$work/log" 2>&1 || fail "The tool cannot be packed."

for platform in linux-x64/libonnxruntime.so linux-arm64/libonnxruntime.so win-x64/onnxruntime.dll win-arm64/onnxruntime.dll \
    osx-arm64/libonnxruntime.dylib; do
    package=$(ls "$work/packages/"*".${platform%/*}."*.nupkg) || fail "There is no package for ${platform%/*}."
    # The names of its files stand in a package as they are.
    grep -qaF "/$platform" "$package" || fail "$package holds no native library for ${platform%/*}."
    bytes=$(stat -c %s "$package")
    [ "$bytes" -lt "$largest" ] || fail "$package takes $bytes bytes, so it holds more than one platform; it should take less than $largest."
    echo "${platform%/*}: $bytes bytes"
done

NUGET_PACKAGES=$work/installed timeout -k 5 60 dotnet tool install OrtAdaMomentum.Artifacts.Tools --tool-path "$work/tool" \
    --source "$work/packages" >"$work/log" 2>&1 || fail "The packed tool cannot be installed."
"$work/tool/ort-artifacts" inspect models/digits/digits-base.onnx >"$work/log" 2>&1 || fail "The installed tool does not inspect a model."
grep -q "^can train *yes" "$work/log" || fail "The installed tool does not say that the model can be trained:"
echo "The installed tool inspects a model."
