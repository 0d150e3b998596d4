#!/usr/bin/env bash
# Packs the libraries, looks what the packages hold, and uses them as a program of somebody else does, without a warning.
# Asks no registry: the packages that were restored before are the source of everything else.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
restored=$(dotnet nuget locals global-packages --list | sed "s/.*: //; s:/$::")

quietly() {
    if ! timeout -k 5 240 "$@" >"$work/log" 2>&1 || grep -E ': (warning|error) ' "$work/log"; then
        echo "Failed, or warned: $*" >&2
        cat "$work/log" >&2
        exit 1
    fi
}

version=$(sed -nE 's:.*<Version>(.*)</Version>.*:\1:p' Directory.Build.props)

# Names of files stand in a package as they are.
holds() {
    if ! grep -qaF "$2" "$work/feed/$1.$version.$3"; then
        echo "The package $1 holds no $2." >&2
        exit 1
    fi
}

for project in OrtAdaMomentum OrtAdaMomentum.AspNetCore; do
    quietly dotnet pack "src/$project" -c Release -v q -clp:NoSummary -o "$work/feed" --artifacts-path "$work/artifacts" "-p:RestoreSources=$restored"
done
for package in OrtAdaMomentum OrtAdaMomentum.AspNetCore; do
    holds "$package" "lib/net10.0/$package.xml" nupkg
    holds "$package" "lib/net10.0/$package.pdb" snupkg
done
holds OrtAdaMomentum README.md nupkg
holds OrtAdaMomentum docs/hosted-service.md nupkg
holds OrtAdaMomentum.AspNetCore http-api.md nupkg

# A program of its own, with the packages in a folder of its own, so that none of this version stays behind.
mkdir "$work/app"
cat >"$work/app/app.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk.Web">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <Nullable>enable</Nullable>
    <ImplicitUsings>enable</ImplicitUsings>
    <NuGetAudit>false</NuGetAudit>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
    <RestorePackagesPath>$work/packages</RestorePackagesPath>
    <RestoreFallbackFolders>$restored</RestoreFallbackFolders>
    <RestoreSources>$work/feed</RestoreSources>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="OrtAdaMomentum.AspNetCore" Version="$version" />
  </ItemGroup>
</Project>
PROJECT
cat >"$work/app/Program.cs" <<'PROGRAM'
using OrtAdaMomentum.Personalization;

var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddFineTuning(options =>
{
    options.ModelPath = args[0];
    options.DataDirectory = args[1];
});
builder.Services.AddHealthChecks().AddFineTuningHealthChecks();
var app = builder.Build();
app.MapFineTuning();
await app.StartAsync();
var image = SampleTensor.Of<float>(new float[28 * 28], 1, 28, 28);
var prediction = app.Services.GetRequiredService<IPredictor>().Predict(new Dictionary<string, SampleTensor> { ["image"] = image });
Console.WriteLine($"answered by {prediction.Version.Label}");
await app.StopAsync();
PROGRAM
quietly dotnet build "$work/app" -c Release -v q -clp:NoSummary
"$work/app/bin/Release/net10.0/app" models/digits/digits-base.onnx "$work/data" >"$work/log" 2>&1 || true
if ! grep -q '^answered by v0-' "$work/log"; then
    cat "$work/log" >&2
    exit 1
fi
echo "The packages build and run in a program of their own."
