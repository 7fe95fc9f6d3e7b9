-- Payments that look like fraud: jobs/run.sh sql jobs/card-fraud/score.sql
CREATE TABLE payments (
  card STRING,
  ts BIGINT, -- seconds
  merchant STRING,
  country STRING,
  amount DOUBLE,
  `hour` INT,
  segment STRING,
  arrival AS PROCTIME()
) WITH (
  'connector' = 'filesystem',
  'path' = 'jobs/card-fraud/tokens.jsonl',
  'format' = 'json'
);

-- The fields of the model by their names, and the event time, because one of them is the elapsed time.
CREATE VIEW scored AS
SELECT *,
  RNN('jobs/card-fraud/model', CAST(
    ROW(merchant, country, amount, `hour`, segment, TO_TIMESTAMP_LTZ(ts, 0))
    AS ROW<merchant STRING, country STRING, amount DOUBLE, `hour` INT, segment STRING, `timestamp` TIMESTAMP_LTZ(3)>))
  OVER (PARTITION BY card ORDER BY arrival ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS y
FROM payments;

SELECT card, y.t, ts, merchant, amount, y.prediction[1] AS fraud
FROM scored
WHERE y.prediction[1] > 0.41;
