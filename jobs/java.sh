# Sourced by the scripts beside it: sets java to the command of a JDK 17 or later; without one, a line and status 2.
# shellcheck shell=bash disable=SC2034

java=java
java_named="JAVA_HOME is not set, java on the PATH"
if [[ -n ${JAVA_HOME:-} ]]; then
  java=$JAVA_HOME/bin/java
  java_named=JAVA_HOME=$JAVA_HOME
fi

refuse_java() {
  echo "flink-rnn: $java_named: expected a JDK 17 or later, found $1" >&2
  exit 2
}

# What Java says of itself: "    java.version = 17.0.15" among other lines.
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
  refuse_java "none that starts"
elif [[ ! $java_major =~ ^[0-9]+$ || $java_major -lt 17 ]]; then
  refuse_java "$java_version"
fi

# For a build: what is built starts without the compiler and without Maven.
expect_build_tools() {
  if [[ ! -x $(java_property home)/bin/javac ]]; then
    refuse_java "$java_version without bin/javac, which the build needs"
  elif ! command -v mvn >/dev/null; then
    echo "flink-rnn: mvn on the PATH: expected Maven 3.6.3 or later, which the build needs, found none" >&2
    exit 2
  fi
}
