#!/usr/bin/env bash
# The official training runtime as judge and as source of gradients: see tests/OfficialRuntime/README.md.
#   official-runtime.sh fetch      fetches it, once, and prints the folder
#   official-runtime.sh judge      trains artifacts there and here, those of published models too, and compares
#   official-runtime.sh gradients  writes the gradients of its operators anew
set -euo pipefail
cd "$(dirname "$0")/.."

package=onnxruntime-web@1.19.2
integrity=sha512-r0ok6KpTUXR4WA+rHvUiZn7JoH02e8iS7XE1p5bXk7q3E0UaRFfYvpMNUHqEPiTBMuIssfBxDCQjUihV8dDFPg==
cache=$PWD/tests/OfficialRuntime/cache
archive=$cache/onnxruntime-web-1.19.2.tgz
dist=$cache/package/dist

fetch() {
    mkdir -p "$cache"
    [ -f "$archive" ] || npm pack --silent --pack-destination "$cache" "$package" >/dev/null
    actual=$(node -p '"sha512-" + crypto.createHash("sha512").update(fs.readFileSync(process.argv[1])).digest("base64")' "$archive")
    if [ "$actual" != "$integrity" ]; then
        echo "$archive is not the published $package: its hash is $actual." >&2
        rm -f "$archive"
        exit 1
    fi
    tar -xzf "$archive" -C "$cache" --wildcards 'package/dist/ort-training-wasm-simd-threaded.*'
}

case "${1:-}" in
fetch)
    fetch
    echo "$dist"
    ;;
judge)
    fetch
    ORTADAM_OFFICIAL_RUNTIME=$dist ORTADAM_REAL_EXPORTS=$(tests/real-exports-data.sh) \
        dotnet run -c Release --project tests/OrtAdaMomentum.Tests -- -class "*.OfficialRuntime*" -showliveoutput
    ;;
gradients)
    fetch
    cases=$(mktemp -d)
    trap 'rm -rf "$cases"' EXIT
    ORTADAM_EXPORT_OFFICIAL_CASES=$cases \
        dotnet run -c Release --project tests/OrtAdaMomentum.Tests -- -class "*.OfficialGradients" -method "*.Every_model_can_be_written"
    node tests/OfficialRuntime/official.mjs "$dist" "$cases" tests/OrtAdaMomentum.Tests/Gradients/Official/official.json
    ;;
*)
    sed -n '2,5p' "$0" >&2
    exit 2
    ;;
esac
