-- What was bought each day: orders, items and their cost, by currency.
SELECT
  created_date AS day,
  currency_code AS currency,
  count(*) AS orders,
  sum(item_quantity) AS items,
  sum(item_quantity * item_unit_price) AS cost
FROM current_purchase_order
JOIN dim_currency USING (currency_id)
GROUP BY created_date, currency_code
