# Sourced by jobs/faults.sh and jobs/soak.sh, which start the real processes of a cluster, and by jobs/fuzz.sh and jobs/simulate.sh, which start none: builds what is missing.
# Expects $suite, a word for messages and files, and phase=test-compile if no processes are started. Sets home, target, java and options, a file with the class path.
# shellcheck shell=bash disable=SC2034,SC2154

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=$home/target
# shellcheck source=jobs/java.sh
source "$home/jobs/java.sh"
phase=${phase:-pre-integration-test} # which also fetches the jars of a cluster
classpath=$target/cluster.classpath
cluster=$target/cluster/zookeeper
if [[ $phase == test-compile ]]; then
  classpath=$target/$suite.classpath
  cluster=$target/test-classes
fi

build() { # in a directory, with Maven's arguments
  (cd "$1" && shift && mvn -q -B -Dstyle.color=never -Dspotless.check.skip=true "$@") >&2
}

# Builds if something is missing, or if a source is newer than the class path.
if [[ ! -s $classpath || ! -d $cluster ]] ||
  [[ -n $(find "$home/pom.xml" "$home/src" -newer "$classpath" -print -quit) ]]; then
  expect_build_tools
  echo "building flink-rnn's $suite: only once, some minutes if Maven downloads everything …" >&2
  rm -f "$classpath"
  if ! build "$home" -DskipTests -DskipITs=false -Dmdep.includeScope=test -Dmdep.outputFile="$classpath.new" \
    "$phase" dependency:build-classpath; then
    echo "flink-rnn: the build failed, see above" >&2
    exit 1
  fi
  mv "$classpath.new" "$classpath"
fi

mkdir -p "$target/logs"
find "$target/logs" -name "$suite-*.log" -mtime +1 -delete
options=$target/$suite.options
printf -- '-cp "%s"\n' "$target/test-classes:$target/classes:$(<"$classpath")" >"$options.$$"
mv "$options.$$" "$options"
