#!/usr/bin/env bash
# Builds and tests everything. From nothing on a fresh Debian 12 it installs what is missing first; a second run is
# incremental. The last line says how many tests passed and failed, and the exit status is 1 if any failed.
#
#   scripts/test.sh            all tests, then the quick ones again with assertions, ASan and UBSan
#   scripts/test.sh --quick    neither models from the network nor sanitizers
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

quick=0
case "${1:-}" in
  '') ;;
  --quick) quick=1 ;;
  *) sed -n '2,6s/^# \?//p' scripts/test.sh; exit 1 ;;
esac
results=()

heading() { printf '\n== %s (%d min)\n' "$1" $((SECONDS / 60)); }

give_up() {
  echo "$1"
  echo "0 passed, 1 failed"
  exit 1
}

# run_lit FOLDER ARGUMENT...: runs the tests of a build folder and keeps their results.
run_lit() {
  local folder=$1
  shift
  lit-22 -sv --output "$folder/tests.json" "$@" "$folder/test"
  results+=("$folder/tests.json")
}

rm -f build/tests.json build-sanitize/tests.json build/conformance-*
heading "Install what is missing"
scripts/install.sh || give_up "what the tests need could not be installed"

if [ $quick = 0 ]; then
  heading "Fetch the real models"
  build/venv/bin/python scripts/models/fetch.py || give_up "the models of the tests could not be fetched"
fi

heading "Build"
scripts/build.sh all lambent-tests || give_up "the build failed"

heading "Test"
if [ $quick = 1 ]; then
  run_lit build --filter-out 'Integration/|Conformance/'
else
  run_lit build
  heading "Build with assertions, AddressSanitizer and UndefinedBehaviorSanitizer"
  scripts/build.sh --sanitize lambent-tests || give_up "the sanitizers' build failed"
  heading "Test with assertions and sanitizers"
  export LAMBENT_TEST_SLOWNESS=6
  # What takes minutes here goes through code that the random graphs, open ones too, go through in seconds.
  slow='light_|task-|real-|batch-parts|block-products|donation|growth|lattice|mutations-[23]|ngrams|pruning-example'
  slow+='|random-graphs-[12]|run-time-lists|winograd|selection|zero-sizes|broadcast-open'
  slow+='|open-(attention|channels|conv|exports|filters|layers|scales|sizes|winograd|zero)'
  slow="Conformance/|Embed/|Integration/($slow)|Quantization/Search/|Quantize/adaround|Tools/cpu-features"
  run_lit build-sanitize --filter-out "$slow"
fi

heading "Result"
cat build/conformance-*.txt 2>/dev/null
exec python3 scripts/count_tests.py "${results[@]}"
