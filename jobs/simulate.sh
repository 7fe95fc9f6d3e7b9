#!/usr/bin/env bash
# Compares random histories of the operator with a sequential reference: jobs/simulate.sh [--histories N] [--seed S] [--depth rules|heap|rocksdb]. See CONTRIBUTING.md.
# Needs a JDK 17, and Maven the first time. A history that fails is shrunk and printed with the command that runs it again.
set -euo pipefail

suite=simulate
phase=test-compile
# shellcheck source=jobs/real-processes.sh
source "$(dirname "${BASH_SOURCE[0]}")/real-processes.sh"

cd "$home"
# shellcheck disable=SC2086
exec "$java" -Xmx2g --add-modules=jdk.incubator.vector \
  --add-opens=java.base/java.lang=ALL-UNNAMED \
  --add-opens=java.base/java.util=ALL-UNNAMED \
  -Dlog4j2.configurationFile=flink-rnn-log4j2.properties \
  -Dflink-rnn.level=error \
  -Dflink-rnn.log="$target/logs/simulate-$$.log" \
  ${FLINK_RNN_JAVA_OPTS:-} \
  @"$options" \
  io.github.flinkrnn.operator.Simulate "$@"
