#!/usr/bin/env bash
# Runs the sample with ten seeds at each width of vectors that .NET takes on this machine, and shows what each run learned and forgot.
# Fails where a run is not promoted, or where it used up more than half of the fall that the gate allows on old digits. Takes the number of seeds (10).
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
dotnet build samples/EdgeFineTune -c Release --nologo -v q

# The limit of the gate on golden samples, Gate:MaximumLossOnOld, and half of it.
half=0.005
number() { sed -nE "s/.*\"$1\":([0-9.]+).*/\1/p" <<<"$summary"; }

status=0
printf '%-16s %4s  %-16s  %-16s  %-8s  %s\n' vectors seed 'new handwriting' 'golden digits' fall decision
for width in all DOTNET_EnableAVX512=0 DOTNET_EnableAVX2=0 DOTNET_EnableHWIntrinsic=0; do
    for seed in $(seq "${1:-10}"); do
        summary=$(env "${width/#all/DOTNET_EnableAVX512=1}" samples/EdgeFineTune/bin/Release/net10.0/EdgeFineTune --out "$folder" --seed "$seed" --json 2>"$folder.log" | tail -n 1) || true
        if [ -z "$summary" ]; then
            cat "$folder.log" >&2
            exit 1
        fi
        promoted=refused
        [[ $summary == *'"promoted":true'* ]] && promoted=promoted
        fall=$(awk "BEGIN { printf \"%.3f\", $(number current_golden) - $(number candidate_golden) }")
        printf '%-16s %4s  %.4f -> %.4f  %.4f -> %.4f  %-8s  %s\n' "${width#DOTNET_Enable}" "$seed" "$(number base_new)" "$(number tuned_new)" \
            "$(number current_golden)" "$(number candidate_golden)" "$fall" "$promoted"
        if [ "$promoted" = refused ] || awk "BEGIN { exit !($fall > $half) }"; then
            status=1
        fi
    done
done
rm -f "$folder.log"
exit "$status"
