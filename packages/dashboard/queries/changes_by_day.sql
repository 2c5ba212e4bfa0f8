-- How many changes of orders were seen, by day of the change and currency of the order after it: how many there were, how
-- many altered what the order is worth, and by how much in sum. Where a change is one of currency it alters no value here:
-- amounts of two currencies cannot be compared. Versions follow each other as they were seen, whatever their last_updated
-- says; one that came in late (superseded) stands where its time puts it.
WITH versions AS (
  SELECT
    'sale' AS kind, sales_order_id AS order_id, sales_record_id AS record_id,
    last_updated_date + last_updated_time AS changed_at, currency_id, units_sold * unit_price AS value,
    sales_record_id IN (SELECT sales_record_id FROM retired_sales_order WHERE reason = 'superseded') AS late
  FROM fact_sales_order
  WHERE sales_order_id IN (
    SELECT sales_order_id FROM fact_sales_order GROUP BY sales_order_id HAVING count(*) > 1
  )
  UNION ALL
  SELECT
    'purchase', purchase_order_id, purchase_record_id,
    last_updated_date + last_updated_time, currency_id, item_quantity * item_unit_price,
    purchase_record_id IN (SELECT purchase_record_id FROM retired_purchase_order WHERE reason = 'superseded')
  FROM fact_purchase_order
  WHERE purchase_order_id IN (
    SELECT purchase_order_id FROM fact_purchase_order GROUP BY purchase_order_id HAVING count(*) > 1
  )
), placed AS (
  SELECT
    *,
    CASE WHEN late THEN changed_at ELSE
      max(changed_at) FILTER (WHERE NOT late) OVER (PARTITION BY kind, order_id ORDER BY record_id)
    END AS place
  FROM versions
), compared AS (
  SELECT
    kind, changed_at::date AS day, currency_id, value,
    row_number() OVER history AS version,
    lag(currency_id) OVER history AS currency_before,
    lag(value) OVER history AS value_before
  FROM placed
  WINDOW history AS (PARTITION BY kind, order_id ORDER BY place, late DESC, record_id)
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
