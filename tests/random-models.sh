#!/usr/bin/env bash
# Trains models that chance puts together, in every way that this library has, and compares: random-models.sh [COUNT [FIRST SEED]],
# 1000 from seed 1000 on if not said otherwise. Where ORTADAM_OFFICIAL_RUNTIME names the official runtime's folder, in that one too.
set -euo pipefail
cd "$(dirname "$0")/.."

ORTADAM_RANDOM_MODELS="${1:-1000} ${2:-1000}" \
    dotnet run -c Release --project tests/OrtAdaMomentum.Tests -- -noColor -class "*RandomModel*"
