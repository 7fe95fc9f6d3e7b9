#!/usr/bin/env bash
# Submits a job with Flink's client, unless it runs already. It resumes from its latest savepoint or checkpoint:
#
#   submit.sh JAR DIRECTORY NAME --job JOB.yaml [OPTION]...
#
# Checkpoints of the job NAME go to DIRECTORY/NAME. FLINK_RNN_FROM in the environment names another savepoint; if it is
# empty, the job starts over at source.start.
set -euo pipefail
if (($# < 4)); then
  echo "submit.sh: expected JAR DIRECTORY NAME --job JOB.yaml" >&2
  exit 2
fi
jar=$1
directory=$2
name=$3
shift 3

# Two jobs of one name would abort each other's transactions. A job that recovers is in this list too.
running=$(flink list) || {
  echo "$running" >&2
  exit 1
}
if grep -qF " : $name (" <<<"$running"; then
  echo "submit.sh: the job '$name' runs already"
  exit 0
fi
from=${FLINK_RNN_FROM-latest}
exec flink run --detached \
  -D execution.checkpointing.dir="$directory/$name" \
  "$jar" "$@" ${from:+--from "$from"}
