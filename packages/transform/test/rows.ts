/** The values of a row by column, as COPY writes them in CSV: text that needs quotes has them. */
type Row = Readonly<Record<string, string | number>>;

const audit = { created_at: '2023-05-01 09:00:00.123', last_updated: '2023-05-01 09:00:00.123' };

/** Writes rows of a source table as they leave PostgreSQL: those of the given values, all others as in a usual row. */
function rowsOf(usual: Row) {
  const whole = (row: Row): Row => ({ ...usual, ...audit, ...row });
  return {
    csv: (...rows: readonly Row[]): string =>
      [Object.keys(whole({})), ...rows.map((row) => Object.values(whole(row)))]
        .map((cells) => `${cells.join(',')}\n`)
        .join(''),
    json: (...rows: readonly Row[]): string => rows.map((row) => `${JSON.stringify(whole(row))}\n`).join(''),
  };
}

export const address = rowsOf({
  address_id: 1,
  address_line_1: '1 High Street',
  address_line_2: '',
  district: '',
  city: 'Leeds',
  postal_code: '00123',
  country: 'England',
  phone: '0113 496 0000',
});
export const department = rowsOf({ department_id: 1, department_name: 'Sales', location: 'Leeds', manager: 'Pat' });
export const staff = rowsOf({
  staff_id: 1,
  first_name: 'Zoë',
  last_name: 'Franey',
  department_id: 1,
  email_address: 'zoe@terrifictotes.com',
});
export const counterparty = rowsOf({
  counterparty_id: 1,
  counterparty_legal_name: 'Fahey and Sons',
  legal_address_id: 1,
  commercial_contact: '',
  delivery_contact: '',
});
export const currency = rowsOf({ currency_id: 1, currency_code: 'GBP' });
export const design = rowsOf({ design_id: 1, design_name: 'Wooden', file_location: '/usr', file_name: 'wooden.json' });
export const order = rowsOf({
  sales_order_id: 1,
  design_id: 1,
  staff_id: 1,
  counterparty_id: 1,
  units_sold: 1,
  unit_price: '3.94',
  currency_id: 1,
  agreed_delivery_date: '2023-05-07',
  agreed_payment_date: '2023-05-08',
  agreed_delivery_location_id: 1,
});
export const purchase = rowsOf({
  purchase_order_id: 1,
  staff_id: 1,
  counterparty_id: 1,
  item_code: 'ZDOI5EA',
  item_quantity: 1,
  item_unit_price: '361.39',
  currency_id: 1,
  agreed_delivery_date: '2023-06-07',
  agreed_payment_date: '2023-06-08',
  agreed_delivery_location_id: 1,
});
