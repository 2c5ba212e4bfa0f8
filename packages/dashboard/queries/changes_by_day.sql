-- How many changes of orders were seen, by day of the change and currency of the order after it: how many there were, how
-- many altered what the order is worth, and by how much in sum. Where a change is one of currency it alters no value here:
-- amounts of two currencies cannot be compared.
WITH versions AS (
  SELECT
    'sale' AS kind, sales_order_id AS order_id, sales_record_id AS record_id,
    last_updated_date AS day, last_updated_time AS time, currency_id, units_sold * unit_price AS value
  FROM fact_sales_order
  UNION ALL
  SELECT
    'purchase', purchase_order_id, purchase_record_id,
    last_updated_date, last_updated_time, currency_id, item_quantity * item_unit_price
  FROM fact_purchase_order
), compared AS (
  SELECT
    kind, day, currency_id, value,
    row_number() OVER history AS version,
    lag(currency_id) OVER history AS currency_before,
    lag(value) OVER history AS value_before
  FROM versions
  WINDOW history AS (PARTITION BY kind, order_id ORDER BY day, time, record_id)
)
SELECT
  day,
  currency_code AS currency,
  kind,
  count(*) AS changes,
  count(*) FILTER (WHERE currency_id = currency_before AND value <> value_before) AS value_changes,
  coalesce(sum(value - value_before) FILTER (WHERE currency_id = currency_before), 0) AS value_change
FROM compared
JOIN dim_currency USING (currency_id)
WHERE version > 1
GROUP BY day, currency_code, kind
