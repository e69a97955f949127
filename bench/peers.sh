#!/usr/bin/env bash
# Fetches other libraries and times this one beside them; ./tilework bench --peers calls this with a JDK. See bench/README.md.
set -uo pipefail
cd "$(dirname "$0")"
root=$(cd .. && pwd -P)

# What was asked for, to fetch no more than that.
peers=libtorch,onnxruntime
previous=
for option in "$@"; do
  case $option in
    --peers=*) peers=${option#--peers=} ;;
    -h | --help) peers= ;;
    *) [ "$previous" = --peers ] && peers=$option ;;
  esac
  previous=$option
done

modules=dev.tilework:tilework
for peer in ${peers//,/ }; do
  [ "$peer" = ort ] && peer=onnxruntime
  if [ -d "peers/$peer" ]; then
    rm -rf "peers/$peer/target"
    modules=$modules,dev.tilework:tilework-peer-$peer
  else
    echo "peers.sh: there is no peer '$peer'; there are: $(cd peers && ls -d -- */ | tr -d '/' | tr '\n' ' ')" >&2
    exit 2
  fi
done

echo "peers.sh: building, and fetching what is not there yet (libtorch 120 MB, onnxruntime 55, nd4j 135, tensorflow 170)" >&2
mkdir -p target
# A peer that cannot be fetched does not stop the others.
mvn -B -fae -f peers/pom.xml -pl "$modules" -Pbundle -DskipTests -Dstand-in.skip=true -Dspotless.check.skip=true package >target/peers.log 2>&1
if ! ls "$root"/target/tilework-*-tests.jar >/dev/null 2>&1; then
  cat target/peers.log >&2
  exit 1
fi
for peer in ${peers//,/ }; do
  [ "$peer" = ort ] && peer=onnxruntime
  if [ ! -d "peers/$peer/target/lib" ]; then
    mkdir -p "peers/$peer/target"
    { grep -m 1 "^\[ERROR\].*tilework-peer-$peer" target/peers.log || echo "it was not built, see bench/target/peers.log"; } |
      sed 's/^\[ERROR\] //' >"peers/$peer/target/problem.txt"
  fi
done

commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
if [ "$commit" != unknown ] && [ -n "$(git status --porcelain -- ../src ../kernels ../pom.xml peers 2>/dev/null)" ]; then
  commit=$commit+changes
fi

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
for jar in "$root"/target/tilework-*.jar; do
  case $jar in
    *-tests.jar) tests=$jar ;;
    *-linux.jar | *-windows.jar | *-mac.jar) bundle=$jar ;;
    *-sources.jar | *-javadoc.jar) ;;
    *) library=$jar ;;
  esac
done
path=$library:$tests:$root/target/lib/*
status=0
"$java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -Djava.awt.headless=true \
  -cp "$path" dev.tilework.bench.peers.PeerSuite \
  --peers-folder "$root/bench/peers" ${bundle:+--bundle "$bundle"} --results "$root/bench/results" --work "$root/bench/target/peers" \
  --commit "$commit" "$@" || status=$?

# What was written to results/ appears in docs/performance.md and the README.
"$java" -cp "$path" dev.tilework.bench.PerformanceDocument "$root" || status=1
exit "$status"
