#!/usr/bin/env bash
# On a machine with an NVIDIA GPU, in at most nine minutes: tests every operation, looks for wrong accesses to memory and for races, and
# times kernels and networks beside PyTorch's. Writes one file to bench/results/; see bench/README.md.
#
#   bench/gpu.sh [--quick] [--seconds N] [--out FILE] [--device NAME] [--without PART,...]
#
#   --quick     toy sizes and few samples, to see that everything works here
#   --seconds   for all parts together (530)
#   --device    which one (cuda)
#   --without   parts to leave out: contract, memcheck, racecheck, peer
#
# Where CLASSPATH has the compiled library with its tests, it is used as it is, with JAVA_HOME's Java; elsewhere Maven builds first.
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd -P)
quick=()
seconds=530
out=
device=cuda
without=,

usage() {
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=(--quick) ;;
    --seconds | --out | --device | --without)
      [ $# -ge 2 ] || usage
      case $1 in
        --seconds) seconds=$2 ;;
        --out) out=$2 ;;
        --device) device=$2 ;;
        --without) without=,$2, ;;
      esac
      shift
      ;;
    *) usage ;;
  esac
  shift
done

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
# shellcheck disable=SC2206 # the options are words
flags=(${JAVA_FLAGS:---add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED})

build() {
  if ! (cd "$root" && mvn -q -B -DskipTests -Dstand-in.skip=true -Dspotless.check.skip=true test-compile dependency:build-classpath \
    -DincludeScope=test -Dmdep.outputFile=target/gpu-classpath.txt); then
    echo "gpu.sh: the build failed" >&2
    exit 1
  fi
  CLASSPATH=$root/target/classes:$root/target/test-classes:$(cat "$root/target/gpu-classpath.txt")
}

if [ -z "${CLASSPATH:-}" ] || ! "$java" -cp "$CLASSPATH" dev.tilework.bench.GpuSuite --help >/dev/null 2>&1; then
  build
fi
export CLASSPATH

# The time counts from here: a build is not part of it.
begin=$SECONDS
# Seconds left, at most $1 of them.
left() {
  local rest=$((begin + seconds - SECONDS))
  if [ "$rest" -gt "$1" ]; then echo "$1"; else echo $((rest > 1 ? rest : 1)); fi
}

part() {
  echo
  echo "---- $1 ($((SECONDS - begin)) s)"
}

wanted() {
  case $without in *,"$1",*) return 1 ;; esac
}

lines=$(mktemp)
trap 'rm -f "$lines"' EXIT

# Runs $2... for at most $1 seconds; its outcome in words is in $outcome.
watched() {
  local limit=$1 status=0
  shift
  timeout --kill-after=5 "$limit" "$@" || status=$?
  case $status in
    0) outcome=passed ;;
    124 | 137) outcome="not done after $limit s" ;;
    *) outcome="failed with exit code $status" ;;
  esac
  echo "$outcome"
}

failures=0
note() {
  case $1 in
    failed* | "not done"*) failures=$((failures + 1)) ;;
  esac
}

every=1
[ ${#quick[@]} -eq 0 ] || every=97

contract="left out"
if wanted contract; then
  part "every operation against the reference"
  watched "$(left 130)" "$java" "${flags[@]}" -Dtilework.test.every=$every dev.tilework.kernels.ContractCheck "$device"
  contract=$outcome
  [ $every = 1 ] || contract="$outcome, on each ${every}th sample"
  note "$contract"
fi

sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2>/dev/null)

# $1 tool, $2 which samples, $3 operations, $4 seconds
sanitized() {
  if ! wanted "$1"; then
    outcome="left out"
  elif [ -z "$sanitizer" ]; then
    outcome="not run: there is no compute-sanitizer"
    echo "$outcome"
  else
    part "compute-sanitizer, $1"
    watched "$(left "$4")" "$sanitizer" --target-processes all --tool "$1" --error-exitcode 9 --print-limit 20 "$java" "${flags[@]}" \
      -Dtilework.cuda.pool=exact -Dtilework.test.every="$2" -Dtilework.test.operations="$3" dev.tilework.kernels.ContractCheck "$device"
    note "$outcome"
  fi
}

sanitized memcheck 61 '' 50
memcheck=$outcome
sanitized racecheck 97 'ConvOp|MatmulOp|SoftmaxOp|NormOp|ReduceOp|Transpose' 40
racecheck=$outcome

peer=()
if wanted peer; then
  part "PyTorch"
  limit=$(left 140)
  timeout --kill-after=5 $((limit + 10)) python3 "$root/bench/peers/torch_layers.py" "${quick[@]}" --seconds "$limit" >"$lines" ||
    echo "gpu.sh: the peer ended early; what it measured is used" >&2
  [ -s "$lines" ] || echo '{"skipped": "torch_layers.py printed nothing"}' >"$lines"
  head -n 1 "$lines"
  echo "$(wc -l <"$lines") lines"
  peer=(--peer "$lines")
fi

commit=${BENCH_COMMIT:-$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)}
if [ -z "${BENCH_COMMIT:-}" ] && [ "$commit" != unknown ] &&
  [ -n "$(git -C "$root" status --porcelain -- src kernels native pom.xml 2>/dev/null)" ]; then
  commit=$commit+changes
fi
driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader 2>/dev/null | head -n 1)
name=$(date -u +%Y-%m-%dT%H-%M-%SZ)-gpu.json
if [ -z "$out" ]; then
  # Figures of toy sizes must not stand among results.
  [ ${#quick[@]} -eq 0 ] && out=$root/bench/results/$name || out=$root/target/$name
fi

part "timing"
"$java" "${flags[@]}" dev.tilework.bench.GpuSuite "${quick[@]}" --device "$device" --seconds "$(left 300)" --out "$out" "${peer[@]}" \
  --driver "${driver:-unknown}" --commit "$commit" --contract "$contract" --memcheck "$memcheck" --racecheck "$racecheck" ||
  failures=$((failures + 1))

# What was written to bench/results appears in docs/performance.md.
if [ "${out%/*}" = "$root/bench/results" ] && ! "$java" dev.tilework.bench.PerformanceDocument "$root"; then
  failures=$((failures + 1))
fi

part "done"
echo "contract: $contract; memcheck: $memcheck; racecheck: $racecheck; result: $out"
[ "$failures" -eq 0 ]
