#!/usr/bin/env bash
# Sends many tokens over many keys, on real processes: jobs/soak.sh [--tokens N] [--keys K] [--zipf] [--json FILE], or --help. See docs/SOAK.md.
# Needs Linux, a JDK 17, and Maven the first time. Ctrl-C stops it and every process that it started.
set -euo pipefail

suite=soak
# shellcheck source=jobs/real-processes.sh
source "$(dirname "${BASH_SOURCE[0]}")/real-processes.sh"

cd "$home"
# Without vectors: this JVM takes few steps, and they have the same bits.
# shellcheck disable=SC2086
exec "$java" -Xmx1g \
  --add-opens=java.base/java.lang=ALL-UNNAMED \
  --add-opens=java.base/java.util=ALL-UNNAMED \
  -Dlog4j2.configurationFile=flink-rnn-log4j2.properties \
  -Dflink-rnn.log="$target/logs/soak-$$.log" \
  ${FLINK_RNN_JAVA_OPTS:-} \
  @"$options" \
  io.github.flinkrnn.rig.soak.Soak "$@"
