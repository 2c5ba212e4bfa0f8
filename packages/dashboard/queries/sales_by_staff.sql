-- What each member of staff sold, by day of order and currency; the department is the one they are in now.
SELECT
  created_date AS day,
  currency_code AS currency,
  staff_id,
  first_name || ' ' || last_name AS staff,
  department_name AS department,
  count(*) AS orders,
  sum(units_sold) AS units,
  sum(units_sold * unit_price) AS revenue
FROM current_sales_order
JOIN dim_currency USING (currency_id)
JOIN dim_staff ON staff_id = sales_staff_id
GROUP BY created_date, currency_code, staff_id, first_name, last_name, department_name
