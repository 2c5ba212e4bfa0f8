import { dateText } from './calendar.ts';
import type { Random } from './random.ts';

/** A row without its key, by column name in one fixed order for each table. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** The ids that an order may name, as the database has them. */
export interface Catalogue {
  readonly design: readonly number[];
  readonly staff: readonly number[];
  readonly counterparty: readonly number[];
  readonly currency: readonly number[];
  readonly address: readonly number[];
  readonly paymentType: Readonly<Record<PaymentType, number>>;
}

export const paymentTypes = ['SALES_RECEIPT', 'SALES_REFUND', 'PURCHASE_PAYMENT', 'PURCHASE_REFUND'] as const;
export type PaymentType = (typeof paymentTypes)[number];

export type OrderKind = 'SALE' | 'PURCHASE';

export interface Order {
  readonly kind: OrderKind;
  /** The design of a sale, the item code of a purchase. */
  readonly goods: number | string;
  readonly staff: number;
  readonly counterparty: number;
  readonly currency: number;
  readonly deliverTo: number;
  readonly quantity: number;
  /** Of one unit, in hundredths of the currency: money is counted in whole numbers, so that none is lost. */
  readonly cents: number;
  readonly deliveryDay: number;
  readonly paymentDay: number;
  readonly paymentType: number;
  /** When it was placed, as a timestamp. */
  readonly at: string;
}

/** The shop sells cheap bags by the thousand and buys dearer things by the dozen. One payment in a hundred goes back. */
const trade = {
  SALE: { quantity: [1_000, 100_000], cents: [200, 399], paid: 'SALES_RECEIPT', returned: 'SALES_REFUND' },
  PURCHASE: { quantity: [1, 1_000], cents: [100, 99_999], paid: 'PURCHASE_PAYMENT', returned: 'PURCHASE_REFUND' },
} as const;

/** An order placed on a day, at the moment `at` of it. */
export function placeOrder(source: Random, catalogue: Catalogue, kind: OrderKind, day: number, at: string): Order {
  const { quantity, cents, paid, returned } = trade[kind];
  return {
    kind,
    goods: kind === 'SALE' ? source.pick(catalogue.design) : itemCode(source),
    staff: source.pick(catalogue.staff),
    counterparty: source.pick(catalogue.counterparty),
    currency: source.pick(catalogue.currency),
    deliverTo: source.pick(catalogue.address),
    quantity: source.between(quantity[0], quantity[1]),
    cents: source.between(cents[0], cents[1]),
    deliveryDay: day + source.between(1, 14),
    paymentDay: day + source.between(1, 21),
    paymentType: catalogue.paymentType[source.oneIn(100) ? returned : paid],
    at,
  };
}

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ';

/** Four digits and two letters, such as 0042-QX. */
function itemCode(source: Random): string {
  const letter = (): string => letters[source.below(letters.length)]!;
  return `${String(source.below(10_000)).padStart(4, '0')}-${letter()}${letter()}`;
}

/** The order's row of sales_order or purchase_order. */
export function orderRow(order: Order): Row {
  const price = decimalText(order.cents);
  const goods =
    order.kind === 'SALE'
      ? { design_id: order.goods, units_sold: order.quantity, unit_price: price }
      : { item_code: order.goods, item_quantity: order.quantity, item_unit_price: price };
  return {
    ...goods,
    staff_id: order.staff,
    counterparty_id: order.counterparty,
    currency_id: order.currency,
    agreed_delivery_date: dateText(order.deliveryDay),
    agreed_payment_date: dateText(order.paymentDay),
    agreed_delivery_location_id: order.deliverTo,
    created_at: order.at,
    last_updated: order.at,
  };
}

/** The order's row of transaction; `id` is that of its sales_order or purchase_order. */
export function transactionRow(order: Order, id: number): Row {
  return {
    transaction_type: order.kind,
    sales_order_id: order.kind === 'SALE' ? id : null,
    purchase_order_id: order.kind === 'PURCHASE' ? id : null,
    created_at: order.at,
    last_updated: order.at,
  };
}

/** The order's row of payment; `paidAt` is when the morning job marked it paid, where it has. */
export function paymentRow(order: Order, transaction: number, paidAt?: string): Row {
  return {
    transaction_id: transaction,
    counterparty_id: order.counterparty,
    payment_amount: decimalText(order.quantity * order.cents),
    currency_id: order.currency,
    payment_type_id: order.paymentType,
    paid: paidAt !== undefined,
    payment_date: dateText(order.paymentDay),
    company_ac_number: companyAccount(order.currency),
    counterparty_ac_number: counterpartyAccount(order.counterparty),
    created_at: order.at,
    last_updated: paidAt ?? order.at,
  };
}

/** Hundredths as a decimal with two places. */
export const decimalText = (cents: number): string =>
  `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;

/** Account numbers have eight digits: the shop has one account for each currency, a counterparty has one. */
const companyAccount = (currency: number): number => 10_000_000 + ((currency * 1_103_515) % 10_000_000);
const counterpartyAccount = (counterparty: number): number => 20_000_000 + ((counterparty * 7_368_787) % 79_999_987);
