-- Deliveries agreed for each day, by currency of the order: to customers (sale) and to us (purchase), whether the day is
-- still the one in the first version of the order that was seen, and the days between order and delivery, added up.
-- Of a version that came in late (superseded) its time says whether it was the first; an order of one version moved never.
-- The warehouse has no day of actual delivery: this cannot say what arrived, or when.
WITH versions AS (
  SELECT
    'sale' AS kind, sales_order_id AS order_id, sales_record_id AS record_id,
    last_updated_date + last_updated_time AS changed_at, agreed_delivery_date,
    sales_record_id IN (SELECT sales_record_id FROM retired_sales_order WHERE reason = 'superseded') AS late
  FROM fact_sales_order
  WHERE sales_order_id IN (
    SELECT sales_order_id FROM fact_sales_order GROUP BY sales_order_id HAVING count(*) > 1
  )
  UNION ALL
  SELECT
    'purchase', purchase_order_id, purchase_record_id,
    last_updated_date + last_updated_time, agreed_delivery_date,
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
), first AS (
  SELECT DISTINCT ON (kind, order_id) kind, order_id, agreed_delivery_date AS first_agreed
  FROM placed
  ORDER BY kind, order_id, place, late DESC, record_id
), agreed AS (
  SELECT 'sale' AS kind, currency_id, created_date, agreed_delivery_date, first_agreed
  FROM current_sales_order
  LEFT JOIN first ON first.kind = 'sale' AND order_id = sales_order_id
  UNION ALL
  SELECT 'purchase', currency_id, created_date, agreed_delivery_date, first_agreed
  FROM current_purchase_order
  LEFT JOIN first ON first.kind = 'purchase' AND order_id = purchase_order_id
)
SELECT
  agreed_delivery_date AS day,
  currency_code AS currency,
  kind,
  CASE
    WHEN agreed_delivery_date > first_agreed THEN 'moved later'
    WHEN agreed_delivery_date < first_agreed THEN 'moved earlier'
    ELSE 'as first agreed'
  END AS agreement,
  count(*) AS orders,
  sum(agreed_delivery_date - created_date) AS lead_days
FROM agreed
JOIN dim_currency USING (currency_id)
GROUP BY 1, 2, 3, 4
