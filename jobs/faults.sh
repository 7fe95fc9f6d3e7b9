#!/usr/bin/env bash
# Injects faults under load, on real processes: jobs/faults.sh [--faults N] [--seed S] [--set FIELD=VALUE] [--json FILE], or --help. See docs/FAULTS.md.
# Needs a JDK 17, and Maven the first time. Ctrl-C stops it and every process that it started.
set -euo pipefail

suite=faults
# shellcheck source=jobs/real-processes.sh
source "$(dirname "${BASH_SOURCE[0]}")/real-processes.sh"

# The version to roll back to: the last release, or, if there is none, the last commit with another job.
older_jar() {
  local commit jar source
  commit=$(git -C "$home" describe --tags --abbrev=0 2>/dev/null ||
    echo "$(git -C "$home" rev-list -n 1 HEAD -- src/main 2>/dev/null)~1") || return 0
  commit=$(git -C "$home" rev-parse --short "$commit^{commit}") || return 0
  source=$target/older/$commit
  jar=$source/target/flink-rnn.jar
  if [[ ! -f $jar ]]; then
    echo "building the job jar of $commit, to roll back to …" >&2
    rm -rf "$source"
    mkdir -p "$source"
    git -C "$home" archive "$commit" | tar -x -C "$source"
    build "$source" -Dmaven.test.skip=true package || return 0
    mv "$source"/target/flink-rnn-*.jar "$jar"
  fi
  echo "$jar" # with its launcher in local/ beside it
}
older=${FLINK_RNN_OLDER_JAR-$(older_jar)}

# A small disk for the checkpoints, to be filled: a mount that only these processes see, and that ends with them.
inside=()
disk=
if unshare --mount --map-root-user true 2>/dev/null; then
  disk=$target/faults-disk
  mkdir -p "$disk"
  # shellcheck disable=SC2016
  inside=(unshare --mount --map-root-user bash -c 'mount -t tmpfs -o size=256m tmpfs "$0" && exec "$@"' "$disk")
fi

cd "$home"
# shellcheck disable=SC2086
exec ${inside[@]+"${inside[@]}"} "$java" -Xmx1g --add-modules=jdk.incubator.vector \
  --add-opens=java.base/java.lang=ALL-UNNAMED \
  --add-opens=java.base/java.util=ALL-UNNAMED \
  -Dlog4j2.configurationFile=flink-rnn-log4j2.properties \
  -Dflink-rnn.log="$target/logs/faults-$$.log" \
  -Dflink-rnn.disk="$disk" \
  -Dflink-rnn.other-jar="$older" \
  ${FLINK_RNN_JAVA_OPTS:-} \
  @"$options" \
  io.github.flinkrnn.rig.faults.Faults "$@"
