-- The three likeliest next pages of each visitor: jobs/run.sh sql jobs/clickstream/next.sql
CREATE TABLE page_views (
  visitor STRING,
  page STRING,
  ts BIGINT, -- seconds
  viewed AS TO_TIMESTAMP_LTZ(ts, 0),
  WATERMARK FOR viewed AS viewed - INTERVAL '5' SECOND
) WITH (
  'connector' = 'filesystem',
  'path' = 'jobs/clickstream/tokens.jsonl',
  'format' = 'json'
);

-- RNN_STEPS finds columns by the names of a token's fields.
CREATE VIEW tokens AS
SELECT visitor AS key, page AS token, viewed FROM page_views;

-- For a column for each page: top[1].label, top[1].prediction, …
-- For a row for each page: CROSS JOIN UNNEST(top) AS n (label, prediction)
SELECT key, t, token, top
FROM RNN_STEPS(
  input => TABLE tokens PARTITION BY key,
  on_time => DESCRIPTOR(viewed),
  model => 'jobs/clickstream/model',
  options => MAP[
    'sequence.idle_timeout', '30m',
    'sequence.end_token', '<leave>',
    'output.fields', 'token',
    'output.top_k', '3']);
