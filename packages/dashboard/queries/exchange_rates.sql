-- Exchange rates of the ECB for the currencies of sales orders: units of the currency for one euro, for each day with a
-- rate that is the last one on or before the day of some order. The dashboard converts an amount with the last rates on
-- or before the day of its order, to 12 places: round(rate_to * 1000000000000 / rate_from) / 1000000000000.
SELECT day, currency, rate
FROM (
  SELECT
    rate_date AS day,
    currency_code AS currency,
    rate,
    lead(rate_date) OVER (PARTITION BY currency_code ORDER BY rate_date) AS next_day
  FROM dim_exchange_rate
  WHERE base_currency_code = 'EUR'
) AS rates
JOIN (SELECT min(created_date) AS first_day, max(created_date) AS last_day FROM current_sales_order) AS orders
  ON day <= last_day AND (next_day > first_day OR next_day IS NULL)
WHERE currency IN (SELECT currency_code FROM current_sales_order JOIN dim_currency USING (currency_id))
