#!/usr/bin/env bash
# Benchmarks: jobs/bench.sh steps|operator|kafka [--quick] [--only CASE] [--json FILE] [--svg FILE]. See docs/BENCHMARKS.md.
# jobs/bench.sh picture FIGURES.json… --svg FILE draws figures; jobs/bench.sh jmh [PATTERN] [JMH's options] runs the JMH benchmarks; jobs/bench.sh footprint measures the state of a key, jobs/bench.sh checkpoints what a checkpoint writes.
# Needs a JDK 17, and Maven the first time.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=$home/target
classpath=$target/bench.classpath

main=io.github.flinkrnn.bench.Bench
case ${1:-} in
  steps | operator | kafka | picture) ;;
  footprint)
    main=io.github.flinkrnn.operator.StateFootprint
    shift
    ;;
  checkpoints)
    main=io.github.flinkrnn.operator.CheckpointBytes
    shift
    ;;
  jmh)
    main=org.openjdk.jmh.Main
    shift
    ;;
  *)
    echo "flink-rnn: ${1:-no benchmark}: expected one of steps, operator, kafka, picture, footprint, checkpoints, jmh" >&2
    exit 2
    ;;
esac

# shellcheck source=jobs/java.sh
source "$home/jobs/java.sh"

# Builds if there is no class path, or if a source is newer than it.
if [[ ! -s $classpath ]] ||
  [[ -n $(find "$home/pom.xml" "$home/src/main" "$home/src/test/java" "$home/src/jmh" -newer "$classpath" -print -quit) ]]; then
  expect_build_tools
  echo "building flink-rnn's benchmarks: only once, some minutes if Maven downloads everything …" >&2
  rm -f "$classpath"
  if ! (cd "$home" && mvn -q -B -Dstyle.color=never -Dspotless.check.skip=true test-compile \
    dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile="$classpath.new") >&2; then
    echo "flink-rnn: the build failed, see above" >&2
    exit 1
  fi
  mv "$classpath.new" "$classpath"
fi

mkdir -p "$target/logs"
find "$target/logs" -name 'bench-*.log' -mtime +1 -delete

# The class path is in a file, because ONNX Runtime crashes with kilobytes of it on the command line.
options=$target/bench.options
printf -- '-cp "%s"\n' "$target/test-classes:$target/classes:$(<"$classpath")" >"$options.$$"
mv "$options.$$" "$options"

vector=--add-modules=jdk.incubator.vector
if [[ -n ${FLINK_RNN_NO_VECTOR:-} ]]; then # measures a JVM without the flag
  vector=
elif [[ $main == *Bench && ${1:-} == steps ]]; then
  vector="$vector -Dflink-rnn.kernel=simd" # from the first step on, without waiting for the compiler
fi

# As docs/OPERATIONS.md recommends for a heap of many keys: reading a state takes some cache misses, and with small
# pages as many misses of the TLB. Not set where Linux has no huge pages, because the JVM then prints a warning.
pages=
if grep -qsE '\[(always|madvise)\]' /sys/kernel/mm/transparent_hugepage/enabled; then
  pages=-XX:+UseTransparentHugePages
fi

# FLINK_RNN_JAVA_OPTS: for another heap, a profiler, …
# shellcheck disable=SC2086
exec "$java" -Xmx6g $vector $pages \
  --add-opens=java.base/java.lang=ALL-UNNAMED \
  --add-opens=java.base/java.util=ALL-UNNAMED \
  --add-opens=java.base/java.util.concurrent=ALL-UNNAMED \
  -Dlog4j2.configurationFile=flink-rnn-log4j2.properties \
  -Dflink-rnn.log="$target/logs/bench-$$.log" \
  ${FLINK_RNN_JAVA_OPTS:-} \
  @"$options" \
  "$main" "$@"
