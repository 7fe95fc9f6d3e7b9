#!/usr/bin/env bash
# Runs a job: jobs/run.sh name-tagging, or jobs/run.sh --help. Needs a JDK 17, and Maven the first time.
set -euo pipefail

script=${BASH_SOURCE[0]}
while [[ -L $script ]]; do # started by a link: use the directory of its target
  link=$(readlink "$script")
  [[ $link == /* ]] || link=$(dirname "$script")/$link
  script=$link
done
jobs=$(cd "$(dirname "$script")" && pwd)
home=$(dirname "$jobs")
target=$home/target
# shellcheck source=jobs/java.sh
source "$jobs/java.sh"

job_jar() {
  local jar
  for jar in "$target"/flink-rnn-*.jar; do
    if [[ -f $jar ]]; then
      echo "$jar"
      return
    fi
  done
}

# Whether a directory exists or can be created, and is writable: a checkout may be read-only.
can_write() {
  mkdir -p "$1" 2>/dev/null && [[ -w $1 ]]
}

# Builds if there is no job jar, or if a source is newer than it.
build_if_needed() {
  local jar
  jar=$(job_jar)
  if [[ -n $jar && -d $target/local ]] &&
    [[ -z $(find "$home/pom.xml" "$home/src/main" -newer "$jar") ]]; then
    return
  fi
  if ! can_write "$target"; then
    if [[ -n $jar && -d $target/local ]]; then
      echo "flink-rnn: warning: $jar: older than the sources, but used because $target is not writable" >&2
      return
    fi
    echo "flink-rnn: $target: expected a writable directory, because nothing is built yet" >&2
    exit 2
  fi
  expect_build_tools
  echo "building flink-rnn: only once, some minutes if Maven downloads everything …" >&2
  rm -f "$target"/flink-rnn-*.jar "$target"/local/flink-rnn-*.jar # of another version
  if ! (cd "$home" && mvn -q -B -Dstyle.color=never -Dmaven.test.skip=true -Dspotless.check.skip=true \
    -Dcyclonedx.skip=true package) >&2; then
    echo "flink-rnn: the build failed, see above" >&2
    exit 1
  fi
}

build_if_needed
jar=$(job_jar)

# Java reads and writes paths in the locale's encoding; containers often have none.
case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
  *[Uu][Tt][Ff]*) ;;
  *) export LC_ALL=C.UTF-8 ;;
esac
if ! { : 3<&0; } 2>/dev/null; then
  exec </dev/null # if it is closed, the next file that Java opens becomes standard input
fi

interactive=false
if [[ -t 0 ]]; then
  interactive=true
fi
if [[ -n ${FLINK_RNN_LOG:-} ]]; then
  log=$FLINK_RNN_LOG
  if ! { : >>"$log"; } 2>/dev/null; then
    echo "flink-rnn: FLINK_RNN_LOG=$log: expected a writable file" >&2
    exit 2
  fi
elif can_write "$target/logs"; then
  find "$target/logs" -name 'run-*.log' -mtime +1 -delete
  log=$target/logs/run-$$.log
else # shown if the run fails
  log=$(mktemp "${TMPDIR:-/tmp}/flink-rnn-log.XXXXXX")
fi

case ${FLINK_RNN_LOG_FORMAT:-text} in
  text) logging=flink-rnn-log4j2.properties ;;
  json) logging=flink-rnn-log4j2-json.properties ;;
  *)
    echo "flink-rnn: FLINK_RNN_LOG_FORMAT=$FLINK_RNN_LOG_FORMAT: expected text or json" >&2
    exit 2
    ;;
esac

vector=--add-modules=jdk.incubator.vector
if [[ -n ${FLINK_RNN_NO_VECTOR:-} ]]; then # slower, with the same bits
  vector=
fi

# The filter drops the JVM's warning about that module, because standard error is for flink-rnn's messages. This process
# becomes Java, which gets the signals, sets the exit status, and waits for the filter at its end.
exec 2> >(
  trap '' HUP INT TERM
  exec grep -a --line-buffered -v '^WARNING: Using incubator modules: jdk.incubator.vector$' >&2
)
filter=$!

# FLINK_RNN_JAVA_OPTS: for more heap, a debugger, …
# shellcheck disable=SC2086
exec "$java" $vector ${FLINK_RNN_JAVA_OPTS:-} \
  --add-opens=java.base/java.lang=ALL-UNNAMED \
  --add-opens=java.base/java.util=ALL-UNNAMED \
  --add-opens=java.base/java.util.concurrent=ALL-UNNAMED \
  -Dlog4j2.configurationFile="$logging" \
  -Dflink-rnn.log="$log" \
  -Dflink-rnn.jobs="$jobs" \
  -Dflink-rnn.jar="$jar" \
  -Dflink-rnn.interactive="$interactive" \
  -Dflink-rnn.stderr-filter="$filter" \
  -cp "$jar:$target/local/*" \
  io.github.flinkrnn.cli.Main "$@"
