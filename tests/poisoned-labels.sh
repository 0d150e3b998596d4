#!/bin/sh
# Trains the digit model with 30 % wrong labels of several kinds, and shows what the gate made of each run and what became of the accuracy on clean
# samples. The test suite runs two of these cases.
set -eu
cd "$(dirname "$0")/.."
dotnet build tests/OrtAdaMomentum.Tests -c Release --nologo -v q
ORTADAMOMENTUM_POISONED_LABELS=all exec tests/OrtAdaMomentum.Tests/bin/Release/net10.0/OrtAdaMomentum.Tests -noColor -showLiveOutput -class "*PoisonedLabelsTests"
