-- What was sold each day: orders, units and revenue, and the average price of a unit, by currency.
-- One row for each day on which orders were placed and each currency. Amounts of different currencies are never added.
SELECT
  created_date AS day,
  currency_code AS currency,
  count(*) AS orders,
  sum(units_sold) AS units,
  sum(units_sold * unit_price) AS revenue,
  round(sum(units_sold * unit_price) / nullif(sum(units_sold), 0), 4) AS average_price
FROM current_sales_order
JOIN dim_currency USING (currency_id)
GROUP BY created_date, currency_code
