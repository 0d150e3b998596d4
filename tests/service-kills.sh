#!/usr/bin/env bash
# Kills the service with signal 9 at random instants of ingest, training, checkpoint and promotion, and looks after each whether a sample was lost or
# doubled, whether store and registry open, and whether what is served passed the gate; at the end all versions have to be those of an undisturbed
# service. Takes the number of kills (200) and a seed (1); 200 take about six minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
dotnet build tests/ServiceKills -c Release --nologo -v q
tests/ServiceKills/bin/Release/net10.0/ServiceKills kill "$folder" "${1:-200}" "${2:-1}"
