-- What was sold of each design, by day of order and currency.
SELECT
  created_date AS day,
  currency_code AS currency,
  design_id,
  design_name,
  count(*) AS orders,
  sum(units_sold) AS units,
  sum(units_sold * unit_price) AS revenue
FROM current_sales_order
JOIN dim_currency USING (currency_id)
JOIN dim_design USING (design_id)
GROUP BY created_date, currency_code, design_id, design_name
