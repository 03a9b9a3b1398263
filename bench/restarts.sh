#!/bin/sh
# Load through restarts: clients call a service that is replaced, then killed, again and again; prints what became of the requests.
# The same test runs small in ./test.sh. Usage: bench/restarts.sh [REQUESTS [RESTARTS]]
set -eu
cd "$(dirname "$0")/.."
./build.sh
dotnet build tests/EndToEnd.Tests -m:1 -v q -nologo >/dev/null
export STRATA_LOAD_REQUESTS="${1:-100000}" STRATA_LOAD_RESTARTS="${2:-50}"
exec timeout 1200 tests/EndToEnd.Tests/bin/Debug/net10.0/Strata.EndToEnd.Tests -noLogo -noColor -class '*RestartLoadTests'
