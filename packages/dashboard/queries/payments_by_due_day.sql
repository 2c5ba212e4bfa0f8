-- What is to be paid on each day, by currency and type of payment, and how it went: unpaid, or how many days late.
-- A payment counts as paid on the day of its first version that says so (its last_updated); one that was paid already
-- when it was first read, and changed later, has the day of that change.
WITH paid_since AS (
  SELECT payment_id, min(last_updated_date) AS paid_day
  FROM fact_payment
  WHERE paid
  GROUP BY payment_id
), judged AS (
  SELECT
    current_payment.*,
    CASE
      WHEN NOT paid THEN 'unpaid'
      WHEN paid_day <= payment_date THEN 'on time'
      WHEN paid_day <= payment_date + 7 THEN '1 to 7 days late'
      WHEN paid_day <= payment_date + 30 THEN '8 to 30 days late'
      ELSE 'over 30 days late'
    END AS timing
  FROM current_payment
  LEFT JOIN paid_since USING (payment_id)
)
SELECT
  payment_date AS day,
  currency_code AS currency,
  payment_type_name AS type,
  timing,
  count(*) AS payments,
  sum(payment_amount) AS amount
FROM judged
JOIN dim_currency USING (currency_id)
JOIN dim_payment_type USING (payment_type_id)
GROUP BY payment_date, currency_code, payment_type_name, timing
