-- The last day on which an order or payment of the warehouse was changed, by the shop's own clock. Days after the source
-- was read, which a wrong clock gives, do not count.
WITH read AS (
  SELECT (max(source_read_at) AT TIME ZONE 'UTC')::date + 1 AS latest
  FROM etl.load_log
  WHERE warehouse_schema = current_schema()
), changed AS (
  SELECT last_updated_date AS day FROM fact_sales_order
  UNION ALL SELECT last_updated_date FROM fact_purchase_order
  UNION ALL SELECT last_updated_date FROM fact_payment
)
SELECT max(day) AS day FROM changed, read WHERE day <= latest
