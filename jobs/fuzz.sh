#!/usr/bin/env bash
# Feeds hostile records, model files and job files: jobs/fuzz.sh [--runs N] [--seed S] [--only TARGET,TARGET] [--from N], or --help. See CONTRIBUTING.md.
# Needs a JDK 17, and Maven the first time. Inputs that fail are kept in target/fuzz.
set -euo pipefail

suite=fuzz
phase=test-compile
# shellcheck source=jobs/real-processes.sh
source "$(dirname "${BASH_SOURCE[0]}")/real-processes.sh"

cd "$home"
# Without vectors: most models take too few steps for them to be compiled. Without warnings: hostile records would cause many.
# shellcheck disable=SC2086
exec "$java" -Xmx2g \
  --add-opens=java.base/java.lang=ALL-UNNAMED \
  --add-opens=java.base/java.util=ALL-UNNAMED \
  --add-opens=java.base/java.util.concurrent=ALL-UNNAMED \
  -Dlog4j2.configurationFile=flink-rnn-log4j2.properties \
  -Dflink-rnn.level=error \
  -Dflink-rnn.log="$target/logs/fuzz-$$.log" \
  ${FLINK_RNN_JAVA_OPTS:-} \
  @"$options" \
  io.github.flinkrnn.rig.fuzz.Fuzz "$@"
