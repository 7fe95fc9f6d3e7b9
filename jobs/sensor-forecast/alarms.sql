-- Readings that are far from the forecast: jobs/run.sh sql jobs/sensor-forecast/alarms.sql
CREATE TABLE measured (
  machine STRING,
  ts BIGINT, -- seconds
  readings ARRAY<DOUBLE>, -- the field of the model
  taken AS TO_TIMESTAMP_LTZ(ts * 1000, 3),
  WATERMARK FOR taken AS taken - INTERVAL '1' MINUTE
) WITH (
  'connector' = 'filesystem',
  'path' = 'jobs/sensor-forecast/tokens.jsonl',
  'format' = 'json'
);

-- The rules of job.yaml: an hour of silence, in event time, begins a new sequence.
SELECT machine, t, taken, readings, error
FROM RNN_STEPS(
  input => TABLE measured PARTITION BY machine,
  on_time => DESCRIPTOR(taken),
  model => 'jobs/sensor-forecast/model',
  options => MAP[
    'sequence.idle_timeout', '1h',
    'output.fields', 'error',
    'output.emit.error_above', '0.162',
    'output.carry', 'taken,readings']);
