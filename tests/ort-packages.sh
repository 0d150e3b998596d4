#!/usr/bin/env bash
# Shows that -p:OrtPackage=Gpu and Training fail by their missing package only, with a sentence that names it, and build where it is there.
# Asks no registry: the packages that were restored before are the source of everything else.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
feed=$work/feed
mkdir "$feed"
restored=$(dotnet nuget locals global-packages --list | sed "s/.*: //; s:/$::")
managed=$(sed -nE 's/.*Include="Microsoft.ML.OnnxRuntime" Version="([^"]+)".*/\1/p' Directory.Packages.props)

build() {
    timeout -k 5 240 dotnet build src/OrtAdaMomentum -c Release -v q -clp:NoSummary --artifacts-path "$work/artifacts" \
        "-p:RestoreSources=$restored%3B$feed" "-p:OrtPackage=$1" >"$work/log" 2>&1
}

fails() {
    if build "$1"; then
        echo "OrtPackage=$1 was built, but should have failed." >&2
        exit 1
    fi
    if ! grep -qF "$2" "$work/log" || grep 'error' "$work/log" | grep -vE "ORTADAM00[12]|NU110[12]: .*$3"; then
        echo "OrtPackage=$1 failed in another way than by '$2':" >&2
        cat "$work/log" >&2
        exit 1
    fi
    grep -m 1 -o 'ORTADAM00[12].*' "$work/log" | sed 's/ \[.*//'
}

version() { sed -nE "s/.*Include=\"$1\" Version=\"([^\"]+)\".*/\1/p" Directory.Packages.props; }

# A package without a native library; the managed one that it asks for is the stock one's.
publish() {
    mkdir -p "$work/$1"
    cat >"$work/$1/$1.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <Version>$(version "$1")</Version>
    <IncludeBuildOutput>false</IncludeBuildOutput>
    <NoWarn>NU5128</NoWarn>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Microsoft.ML.OnnxRuntime.Managed" Version="$managed" />
  </ItemGroup>
</Project>
PROJECT
    timeout -k 5 120 dotnet pack "$work/$1" -v q -clp:NoSummary -o "$feed" "-p:RestoreSources=$restored" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        exit 1
    }
}

fails Training "takes the package Microsoft.ML.OnnxRuntime.Training 1.19.2 from nuget.org" Microsoft.ML.OnnxRuntime.Training
fails Gpu "takes the package Microsoft.ML.OnnxRuntime.Gpu $(version Microsoft.ML.OnnxRuntime.Gpu) from nuget.org" Microsoft.ML.OnnxRuntime.Gpu
fails Metal "OrtPackage=Metal is not known: it is Cpu, Gpu or Training." none

# The stand-ins go into a folder of their own: where packages are kept, they would be taken for the real ones later.
export NUGET_PACKAGES=$work/packages
fails Training "takes the package Microsoft.ML.OnnxRuntime.Training 1.19.2" Microsoft.ML.OnnxRuntime.Training
for package in Gpu Training; do
    publish "Microsoft.ML.OnnxRuntime.$package"
    if ! build "$package"; then
        echo "OrtPackage=$package failed although its package is there:" >&2
        cat "$work/log" >&2
        exit 1
    fi
    echo "OrtPackage=$package builds where its package is there."
done
