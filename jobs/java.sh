# Sourced by the other scripts: sets java to the command of a JDK 17 or later. Without one, ends with an error and status 2.
# shellcheck shell=bash disable=SC2034

java=java
java_named="JAVA_HOME is not set, java on the PATH"
if [[ -n ${JAVA_HOME:-} ]]; then
  java=$JAVA_HOME/bin/java
  java_named=JAVA_HOME=$JAVA_HOME
fi

fail_java() {
  echo "flink-rnn: $java_named: expected a JDK 17 or later, found $1" >&2
  exit 2
}

# Java's own properties, with lines like "    java.version = 17.0.15".
java_says=$("$java" -XshowSettings:properties -version 2>&1) || true
java_property() {
  local from=${java_says#*"    java.$1 = "}
  if [[ $from != "$java_says" ]]; then
    echo "${from%%$'\n'*}"
  fi
}

java_version=$(java_property version)
java_major=${java_version%%[.-]*}
if [[ -z $java_version ]]; then
  fail_java "none that starts"
elif [[ ! $java_major =~ ^[0-9]+$ || $java_major -lt 17 ]]; then
  fail_java "$java_version"
fi

# Only for a build: running needs neither the compiler nor Maven.
expect_build_tools() {
  if [[ ! -x $(java_property home)/bin/javac ]]; then
    fail_java "$java_version without bin/javac, which the build needs"
  elif ! command -v mvn >/dev/null; then
    echo "flink-rnn: mvn on the PATH: expected Maven 3.6.3 or later, which the build needs, found none" >&2
    exit 2
  fi
}
