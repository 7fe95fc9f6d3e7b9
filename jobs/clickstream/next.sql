-- The three likeliest next pages of each visitor: jobs/run.sh sql jobs/clickstream/next.sql
CREATE TABLE page_views (
  visitor STRING,
  page STRING,
  ts BIGINT, -- seconds
  `time` AS TO_TIMESTAMP_LTZ(ts, 0),
  WATERMARK FOR `time` AS `time` - INTERVAL '5' SECOND
) WITH (
  'connector' = 'filesystem',
  'path' = 'jobs/clickstream/tokens.jsonl',
  'format' = 'json'
);

-- RNN_STEPS finds columns by the names of a token's fields.
CREATE VIEW tokens AS
SELECT visitor AS key, page AS token, `time` FROM page_views;

SELECT key, t, token, top
FROM RNN_STEPS(
  input => TABLE tokens PARTITION BY key,
  on_time => DESCRIPTOR(`time`),
  model => 'jobs/clickstream/model',
  options => MAP[
    'sequence.idle_timeout', '30m',
    'sequence.end_token', '<leave>',
    'output.fields', 'token',
    'output.top_k', '3']);
