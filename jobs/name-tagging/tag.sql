-- Tags the words of tokens.jsonl: jobs/run.sh sql jobs/name-tagging/tag.sql
CREATE TABLE tokens (
  key STRING,
  token STRING,
  arrival AS PROCTIME()
) WITH (
  'connector' = 'filesystem',
  'path' = 'jobs/name-tagging/tokens.jsonl',
  'format' = 'json'
);

SELECT key, y.t, token, y.label, y.prediction
FROM (
  SELECT *,
    RNN('jobs/name-tagging/model', token) OVER (
      PARTITION BY key ORDER BY arrival ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS y
  FROM tokens);
