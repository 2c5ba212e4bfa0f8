-- What each customer bought, by day of order and currency; the country is that of the customer's legal address.
SELECT
  created_date AS day,
  currency_code AS currency,
  counterparty_id,
  counterparty_legal_name AS customer,
  counterparty_legal_country AS country,
  count(*) AS orders,
  sum(units_sold) AS units,
  sum(units_sold * unit_price) AS revenue
FROM current_sales_order
JOIN dim_currency USING (currency_id)
JOIN dim_counterparty USING (counterparty_id)
GROUP BY created_date, currency_code, counterparty_id, counterparty_legal_name, counterparty_legal_country
