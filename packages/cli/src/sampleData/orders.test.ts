import fc from 'fast-check';
import { dayOf } from './calendar.ts';
import { decimalText, orderRow, paymentRow, placeOrder, transactionRow, type OrderKind } from './orders.ts';
import { random } from './random.ts';

const catalogue = {
  design: [7],
  staff: [8],
  counterparty: [9],
  currency: [3],
  address: [10],
  paymentType: { SALES_RECEIPT: 11, SALES_REFUND: 12, PURCHASE_PAYMENT: 13, PURCHASE_REFUND: 14 },
};
const at = '2024-02-29 10:11:12.345';
const place = (kind: OrderKind, seed = 1) => placeOrder(random(seed), catalogue, kind, dayOf('2024-02-29'), at);

test('a sale names what the catalogue has', () => {
  const order = place('SALE');
  expect(orderRow(order)).toEqual({
    design_id: 7,
    staff_id: 8,
    counterparty_id: 9,
    units_sold: order.quantity,
    unit_price: decimalText(order.cents),
    currency_id: 3,
    agreed_delivery_date: expect.stringMatching(/^2024-03-\d\d$/) as unknown,
    agreed_payment_date: expect.stringMatching(/^2024-03-\d\d$/) as unknown,
    agreed_delivery_location_id: 10,
    created_at: at,
    last_updated: at,
  });
  expect(transactionRow(order, 5)).toEqual({
    transaction_type: 'SALE',
    sales_order_id: 5,
    purchase_order_id: null,
    created_at: at,
    last_updated: at,
  });
});

test('a purchase has an item code in place of a design', () => {
  const row = orderRow(place('PURCHASE'));
  expect(row.item_code).toMatch(/^\d{4}-[A-Z]{2}$/);
  expect(row).not.toHaveProperty('design_id');
  expect(transactionRow(place('PURCHASE'), 5)).toMatchObject({
    transaction_type: 'PURCHASE',
    sales_order_id: null,
    purchase_order_id: 5,
  });
});

test('a payment is unpaid as of the order, or paid as of the morning job', () => {
  const order = place('SALE');
  expect(paymentRow(order, 6)).toMatchObject({ transaction_id: 6, paid: false, created_at: at, last_updated: at });
  const marked = '2024-03-11 07:00:00.001';
  expect(paymentRow(order, 6, marked)).toMatchObject({ paid: true, created_at: at, last_updated: marked });
});

test('the payment is quantity times price, to the hundredth, in eight-digit accounts', () => {
  const hundredths = (text: unknown) => BigInt(String(text).replace('.', ''));
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.constantFrom<OrderKind>('SALE', 'PURCHASE'), (seed, kind) => {
      const order = place(kind, seed);
      const row = orderRow(order);
      const payment = paymentRow(order, 1);
      expect(payment.payment_amount).toMatch(/^\d+\.\d\d$/);
      expect(hundredths(payment.payment_amount)).toBe(
        BigInt(order.quantity) * hundredths(row.unit_price ?? row.item_unit_price),
      );
      expect(payment.payment_date).toBe(row.agreed_payment_date);
      expect(payment.company_ac_number).toBeGreaterThan(9_999_999);
      expect(payment.counterparty_ac_number).toBeLessThan(100_000_000);
    }),
  );
});

test('payment types suit the kind, and one in a hundred is a refund', () => {
  const types = (kind: OrderKind) => {
    const counts: Record<number, number> = {};
    for (let seed = 0; seed < 5_000; seed++) {
      const { paymentType } = place(kind, seed);
      counts[paymentType] = (counts[paymentType] ?? 0) + 1;
    }
    return counts;
  };
  expect(Object.keys(types('SALE'))).toEqual(['11', '12']);
  expect(types('SALE')[12]).toBeLessThan(100);
  expect(Object.keys(types('PURCHASE'))).toEqual(['13', '14']);
});

test('hundredths keep their zeros', () => {
  expect([0, 5, 50, 100, 399, 10_000_000_05].map(decimalText)).toEqual([
    '0.00',
    '0.05',
    '0.50',
    '1.00',
    '3.99',
    '10000000.05',
  ]);
});
