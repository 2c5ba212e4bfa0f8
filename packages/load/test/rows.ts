import type { Row } from './testLake.ts';

const dates: Row[] = ['2024-02-29', '2024-03-01', '2024-03-04'].map((date_id) => ({
  date_id,
  year: '2024',
  month: String(Number(date_id.slice(5, 7))),
  day: String(Number(date_id.slice(8))),
  day_of_week: '5',
  day_name: 'Friday',
  month_name: 'March',
  quarter: '1',
}));

export const staff = (row: Row = {}): Row => ({
  staff_id: '1',
  first_name: 'Ada',
  last_name: "O'Neill",
  department_name: 'Sales',
  location: null,
  email_address: 'ada@totes.example',
  ...row,
});

export const location = (row: Row = {}): Row => ({
  location_id: '1',
  address_line_1: '1 High Street',
  address_line_2: null,
  district: '',
  city: 'Leeds',
  postal_code: '00123',
  country: 'England',
  phone: '0113 496 0000',
  ...row,
});

export const counterparty = (row: Row = {}): Row => ({
  counterparty_id: '1',
  counterparty_legal_name: 'Bags, Bags & Bags',
  counterparty_legal_address_line_1: '1 High Street',
  counterparty_legal_address_line_2: null,
  counterparty_legal_district: null,
  counterparty_legal_city: 'Leeds',
  counterparty_legal_postal_code: '00123',
  counterparty_legal_country: 'England',
  counterparty_legal_phone_number: '0113 496 0000',
  ...row,
});

/** One row of each dimension, key 1, and a few days. */
export const dimensionRows = {
  dim_date: dates,
  dim_staff: [staff()],
  dim_location: [location()],
  dim_currency: [{ currency_id: '1', currency_code: 'GBP', currency_name: 'Pound Sterling' }],
  dim_exchange_rate: [
    {
      exchange_rate_id: '19782826',
      rate_date: '2024-02-29',
      currency_code: 'GBP',
      base_currency_code: 'EUR',
      rate: '0.85523',
    },
  ],
  dim_design: [{ design_id: '1', design_name: 'Paisley', file_location: '/designs', file_name: 'paisley.json' }],
  dim_counterparty: [counterparty()],
  dim_payment_type: [{ payment_type_id: '1', payment_type_name: 'SALES_RECEIPT' }],
  dim_transaction: [{ transaction_id: '1', transaction_type: 'SALE', sales_order_id: '1', purchase_order_id: null }],
} as const satisfies Record<string, readonly Row[]>;

const audit = {
  created_date: '2024-02-29',
  created_time: '09:00:00',
  last_updated_date: '2024-02-29',
  last_updated_time: '09:00:00.123',
};

export const sale = (row: Row = {}): Row => ({
  sales_order_id: '1',
  ...audit,
  sales_staff_id: '1',
  counterparty_id: '1',
  units_sold: '10',
  unit_price: '2.50',
  currency_id: '1',
  design_id: '1',
  agreed_payment_date: '2024-03-01',
  agreed_delivery_date: '2024-03-04',
  agreed_delivery_location_id: '1',
  ...row,
});

export const purchase = (row: Row = {}): Row => ({
  purchase_order_id: '1',
  ...audit,
  staff_id: '1',
  counterparty_id: '1',
  item_code: 'ZDOI5EA',
  item_quantity: '3',
  item_unit_price: '0.125',
  currency_id: '1',
  agreed_delivery_date: '2024-03-04',
  agreed_payment_date: '2024-03-01',
  agreed_delivery_location_id: '1',
  ...row,
});

export const payment = (row: Row = {}): Row => ({
  payment_id: '1',
  ...audit,
  transaction_id: '1',
  counterparty_id: '1',
  payment_amount: '25.00',
  currency_id: '1',
  payment_type_id: '1',
  paid: 'f',
  payment_date: '2024-03-04',
  ...row,
});

/** A row in every table: what a first version brings. */
export const firstVersion = {
  ...dimensionRows,
  fact_sales_order: [sale()],
  fact_purchase_order: [purchase()],
  fact_payment: [payment()],
} as const;
