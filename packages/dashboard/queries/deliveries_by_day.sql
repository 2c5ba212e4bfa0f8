-- Deliveries agreed for each day, by currency of the order: to customers (sale) and to us (purchase), whether the day is
-- still the one in the first version of the order that was seen, and the days between order and delivery, added up.
-- The warehouse has no day of actual delivery: this cannot say what arrived, or when.
WITH agreed AS (
  SELECT
    'sale' AS kind, current_sales_order.currency_id, current_sales_order.created_date,
    current_sales_order.agreed_delivery_date, first.agreed_delivery_date AS first_agreed
  FROM current_sales_order
  JOIN (
    SELECT DISTINCT ON (sales_order_id) sales_order_id, agreed_delivery_date
    FROM fact_sales_order
    ORDER BY sales_order_id, last_updated_date, last_updated_time, sales_record_id
  ) AS first USING (sales_order_id)
  UNION ALL
  SELECT
    'purchase', current_purchase_order.currency_id, current_purchase_order.created_date,
    current_purchase_order.agreed_delivery_date, first.agreed_delivery_date
  FROM current_purchase_order
  JOIN (
    SELECT DISTINCT ON (purchase_order_id) purchase_order_id, agreed_delivery_date
    FROM fact_purchase_order
    ORDER BY purchase_order_id, last_updated_date, last_updated_time, purchase_record_id
  ) AS first USING (purchase_order_id)
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
