#!/usr/bin/env bash
# Writes the gradients of the official training runtime anew: see tests/OfficialRuntime/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."

package=onnxruntime-web@1.19.2
integrity=sha512-r0ok6KpTUXR4WA+rHvUiZn7JoH02e8iS7XE1p5bXk7q3E0UaRFfYvpMNUHqEPiTBMuIssfBxDCQjUihV8dDFPg==
cache=tests/OfficialRuntime/cache
archive=$cache/onnxruntime-web-1.19.2.tgz

mkdir -p "$cache"
[ -f "$archive" ] || npm pack --silent --pack-destination "$cache" "$package" >/dev/null
actual=$(node -p '"sha512-" + crypto.createHash("sha512").update(fs.readFileSync(process.argv[1])).digest("base64")' "$archive")
if [ "$actual" != "$integrity" ]; then
    echo "$archive is not the published $package: its hash is $actual." >&2
    exit 1
fi
tar -xzf "$archive" -C "$cache" --wildcards 'package/dist/ort-training-wasm-simd-threaded.*'

cases=$(mktemp -d)
trap 'rm -rf "$cases"' EXIT
ORTADAM_EXPORT_OFFICIAL_CASES=$cases \
    dotnet run -c Release --project tests/OrtAdaMomentum.Tests -- -class "*.OfficialGradients" -method "*.Every_model_can_be_written"
node tests/OfficialRuntime/official.mjs "$cache/package/dist" "$cases" tests/OrtAdaMomentum.Tests/Gradients/Official/official.json
