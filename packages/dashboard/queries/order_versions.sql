-- The history of orders that changed after they were placed: one row for each version seen, oldest first.
-- `recency` numbers the orders by their latest change, 1 for the one that changed last. Rows that are not the shop's any
-- more (deleted in totesys) are history too and stay. Versions follow each other as they were seen, whatever their
-- last_updated says; one that came in late (superseded) stands where its time puts it.
WITH sales AS (
  SELECT
    'sale' AS kind, sales_order_id AS order_id, sales_record_id AS record_id,
    last_updated_date + last_updated_time AS changed_at,
    design_name AS goods, units_sold AS quantity, unit_price::numeric AS unit_price,
    fact_sales_order.currency_id, sales_staff_id AS staff_id, counterparty_id,
    agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id,
    sales_record_id IN (SELECT sales_record_id FROM retired_sales_order WHERE reason = 'superseded') AS late
  FROM fact_sales_order
  JOIN dim_design USING (design_id)
  WHERE sales_order_id IN (
    SELECT sales_order_id FROM fact_sales_order GROUP BY sales_order_id HAVING count(*) > 1
  )
), purchases AS (
  SELECT
    'purchase', purchase_order_id, purchase_record_id,
    last_updated_date + last_updated_time,
    item_code, item_quantity, item_unit_price,
    currency_id, staff_id, counterparty_id,
    agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id,
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
  FROM (SELECT * FROM sales UNION ALL SELECT * FROM purchases) AS every
), versions AS (
  SELECT
    *,
    row_number() OVER (PARTITION BY kind, order_id ORDER BY place, late DESC, record_id) AS version,
    max(changed_at) OVER (PARTITION BY kind, order_id) AS latest_change
  FROM placed
)
SELECT
  dense_rank() OVER (ORDER BY latest_change DESC, kind, order_id) AS recency,
  kind,
  order_id,
  version,
  to_char(changed_at, 'YYYY-MM-DD HH24:MI') AS changed_at,
  changed_at::date AS day,
  goods,
  quantity,
  unit_price,
  quantity * unit_price AS value,
  currency_code AS currency,
  first_name || ' ' || last_name AS staff,
  counterparty_legal_name AS counterparty,
  agreed_delivery_date::text AS delivery,
  agreed_payment_date::text AS payment,
  concat_ws(', ', address_line_1, city, country) AS delivered_to
FROM versions
JOIN dim_currency USING (currency_id)
JOIN dim_staff USING (staff_id)
JOIN dim_counterparty USING (counterparty_id)
JOIN dim_location ON location_id = agreed_delivery_location_id
ORDER BY recency, version
