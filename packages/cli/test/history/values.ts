import type { TableName } from './step.ts';

/** A day that the star can hold: one year, so that the calendar stays small, and a day of the next. */
export const goodDates = ['2024-01-31', '2024-02-29', '2024-12-31', '2025-01-01'];
const date = [...goodDates, ...goodDates, ...goodDates.slice(0, 3), '2023-02-30', 'soon'];
const createdAt = [...Array<string>(6).fill('2024-01-01 00:00:00'), '2024-05-01 12:30:00.125', 'infinity'];

/** Keys of partners: most are there in a stocked shop, one may arrive late. */
const partner = [1, 1, 1, 2, 2, 2, 3, 3, 4];

/** The values that a history gives a column, few, so that rows come back to what they were; some break a rule of the star. */
export const pools: Readonly<
  Record<TableName, Readonly<Record<string, readonly (string | number | boolean | null)[]>>>
> = {
  address: {
    address_line_1: ['1 High Street', 'Łódź "2", \\N'],
    address_line_2: [null, '', 'Flat 2'],
    district: [null, 'North'],
    city: ['Leeds', 'York'],
    postal_code: ['LS1 4AP'],
    country: ['England'],
    phone: ['+44 113 496 0000'],
  },
  department: { department_name: ['Sales', 'Purchasing'], location: [null, 'Leeds'], manager: [null, 'Mo'] },
  staff: { first_name: ['Ada', 'Zoë'], last_name: ['Byron'], department_id: partner, email_address: ['a@totes'] },
  counterparty: {
    counterparty_legal_name: ['Bags & Co', 'Sacks, Ltd'],
    legal_address_id: partner,
    commercial_contact: [null, 'Jo'],
    delivery_contact: [null],
  },
  currency: { currency_code: ['GBP', 'EUR'] },
  design: { design_name: ['Wave', 'Dot'], file_location: ['/a'], file_name: ['wave.json', 'dot.json'] },
  payment_type: { payment_type_name: ['SALES_RECEIPT', 'PURCHASE_PAYMENT'] },
  sales_order: {
    design_id: partner,
    staff_id: partner,
    counterparty_id: partner,
    units_sold: [1, 2, 3],
    unit_price: ['1.5', '1.50', '1.5', '99999999.99', '2.25', '2.25', '100000000.00', '1.005'],
    currency_id: partner,
    agreed_delivery_date: date,
    agreed_payment_date: date,
    agreed_delivery_location_id: partner,
    created_at: createdAt,
  },
  purchase_order: {
    staff_id: partner,
    counterparty_id: partner,
    item_code: ['A1', 'B2'],
    item_quantity: [1, 2],
    item_unit_price: ['1.1', '1.10', '0.0000000000000000000000000000000000001'],
    currency_id: partner,
    agreed_delivery_date: date,
    agreed_payment_date: date,
    agreed_delivery_location_id: partner,
    created_at: createdAt,
  },
  transaction: {
    transaction_type: ['SALE', 'PURCHASE'],
    sales_order_id: [null, 1, 2],
    purchase_order_id: [null, 1, 2],
  },
  payment: {
    transaction_id: partner,
    counterparty_id: partner,
    payment_amount: ['10.00', '10', '12.345'],
    currency_id: partner,
    payment_type_id: partner,
    paid: [true, false],
    payment_date: date,
    company_ac_number: [11],
    counterparty_ac_number: [22],
    created_at: createdAt,
  },
};
