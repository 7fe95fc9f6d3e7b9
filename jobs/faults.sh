#!/usr/bin/env bash
# Faults under load, on real processes: jobs/faults.sh [--faults N] [--seed S] [--json FILE], or --help; docs/FAULTS.md says what it shows.
# Needs a JDK 17, and Maven the first time. Ctrl-C ends it, and every process that it started.
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=$home/target
classpath=$target/faults.classpath

build() { # in a directory, of what is there
  (cd "$1" && shift && mvn -q -B -Dstyle.color=never -Dspotless.check.skip=true "$@") >&2
}

# Builds when something is missing, or a source is newer than the class path.
if [[ ! -s $classpath || ! -d $target/cluster/zookeeper ]] ||
  [[ -n $(find "$home/pom.xml" "$home/src" -newer "$classpath" -print -quit) ]]; then
  echo "building flink-rnn's fault suite: once, some minutes if Maven has to fetch everything …" >&2
  rm -f "$classpath"
  if ! build "$home" -DskipTests -DskipITs=false -Dmdep.includeScope=test -Dmdep.outputFile="$classpath.new" \
    pre-integration-test dependency:build-classpath; then
    echo "flink-rnn: the build failed, see above" >&2
    exit 1
  fi
  mv "$classpath.new" "$classpath"
fi

# The version to roll back to: the last one released, or where none is, the last one whose job was another.
older_jar() {
  local commit jar source
  commit=$(git -C "$home" describe --tags --abbrev=0 2>/dev/null ||
    git -C "$home" rev-list -n 1 HEAD~1 -- src/main 2>/dev/null) || return 0
  commit=$(git -C "$home" rev-parse --short "$commit^{commit}") || return 0
  jar=$target/older/$commit.jar
  if [[ ! -f $jar ]]; then
    echo "building the job jar of $commit, to roll back to …" >&2
    source=$target/older/$commit
    rm -rf "$source"
    mkdir -p "$source"
    git -C "$home" archive "$commit" | tar -x -C "$source"
    build "$source" -Dmaven.test.skip=true package || return 0
    mv "$source"/target/flink-rnn-*.jar "$jar"
    rm -rf "$source"
  fi
  echo "$jar"
}
older=${FLINK_RNN_OLDER_JAR-$(older_jar)}

java=java
if [[ -n ${JAVA_HOME:-} ]]; then
  java=$JAVA_HOME/bin/java
fi
mkdir -p "$target/logs"
find "$target/logs" -name 'faults-*.log' -mtime +1 -delete
options=$target/faults.options
printf -- '-cp "%s"\n' "$target/test-classes:$target/classes:$(<"$classpath")" >"$options.$$"
mv "$options.$$" "$options"

# A small disk for the checkpoints, which can be filled: a mount that these processes alone see, gone with the last of them.
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
  io.github.flinkrnn.faults.Faults "$@"
