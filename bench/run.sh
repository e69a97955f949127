#!/bin/sh
# Builds the library and the benchmarks and times convolution layers; ./tilework bench --layers calls this with a JDK.
set -eu
cd "$(dirname "$0")"

# Not quiet: what Maven says is shown when it fails.
mkdir -p target
if ! mvn -B -f with-library.xml -DskipTests -Dstand-in.skip=true -Dspotless.check.skip=true package >target/build.log 2>&1; then
  cat target/build.log >&2
  exit 1
fi

commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
if [ "$commit" != unknown ] && [ -n "$(git status --porcelain -- ../src ../kernels pom.xml src 2>/dev/null)" ]; then
  commit=$commit+changes
fi

java=java
if [ -n "${JAVA_HOME:-}" ]; then
  java=$JAVA_HOME/bin/java
fi
# JMH 1.37 reads a field's offset by sun.misc.Unsafe, which warns; the forks inherit these options.
status=0
"$java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
  --sun-misc-unsafe-memory-access=allow \
  -Dbench.commit="$commit" -Dbench.results="$PWD/results" \
  -cp "target/classes:target/lib/*" dev.tilework.bench.LayerTable "$@" || status=$?

# What was written appears in docs/performance.md.
"$java" -cp "target/classes:target/lib/*" dev.tilework.bench.PerformanceDocument ..
exit "$status"
