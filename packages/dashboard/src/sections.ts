/** A part of the page that answers one question: the browser draws its chart and fills its table. */
export interface Section {
  readonly id: string;
  readonly title: string;
  /** What is counted, and what is not. */
  readonly about: string;
  /** The query behind it, a file of `queries`. */
  readonly sql: string;
  /** Whether it takes the whole width. */
  readonly wide?: true;
}

export interface Chapter {
  readonly id: string;
  readonly title: string;
  readonly sections: readonly Section[];
}

/** The page, from top to bottom. */
export const chapters: readonly Chapter[] = [
  {
    id: 'sales',
    title: 'Sales',
    sections: [
      {
        id: 'revenue',
        title: 'Revenue over time',
        about: 'Units times unit price of the orders placed, each order as it stands now.',
        sql: 'sales_by_day',
        wide: true,
      },
      {
        id: 'currencies',
        title: 'Revenue in each currency',
        about: 'Each on a scale of its own: amounts of different currencies are neither added nor compared.',
        sql: 'sales_by_day',
      },
      {
        id: 'units',
        title: 'Units sold and average price',
        about: 'The average price of a unit is revenue divided by units.',
        sql: 'sales_by_day',
      },
      {
        id: 'designs',
        title: 'Revenue by design',
        about: 'The ten that brought in most; the table has all of them.',
        sql: 'sales_by_design',
      },
      {
        id: 'customers',
        title: 'Revenue by customer',
        about: 'The ten that bought for most; the table has all of them.',
        sql: 'sales_by_customer',
      },
      {
        id: 'countries',
        title: 'Revenue by country',
        about: 'The country of the customer’s legal address.',
        sql: 'sales_by_customer',
      },
      {
        id: 'departments',
        title: 'Revenue by department',
        about: 'The department in which the seller is now.',
        sql: 'sales_by_staff',
      },
      {
        id: 'staff',
        title: 'Revenue by member of staff',
        about: 'The ten who sold for most; the table has all of them.',
        sql: 'sales_by_staff',
        wide: true,
      },
    ],
  },
  {
    id: 'money',
    title: 'Purchases and payments',
    sections: [
      {
        id: 'purchases',
        title: 'Purchases against sales',
        about:
          'Orders by the day they were placed. The difference is no profit: costs other than purchases are not known.',
        sql: 'purchases_by_day',
        wide: true,
      },
      {
        id: 'due',
        title: 'Payments due and overdue',
        about:
          'What is unpaid now, by its distance from the last day of the chosen dates, however long ago it was ordered.',
        sql: 'payments_by_due_day',
      },
      {
        id: 'punctual',
        title: 'Paid on time',
        about:
          'Payments that fell due within the chosen dates. One is paid on the day of its first version that says so.',
        sql: 'payments_by_due_day',
      },
    ],
  },
  {
    id: 'orders',
    title: 'Deliveries and changes',
    sections: [
      {
        id: 'deliveries',
        title: 'Deliveries agreed',
        about:
          'Orders by their agreed delivery day, and whether that day was moved since the order was first seen. ' +
          'Nothing in the warehouse says when a delivery arrived, so none is called on time or late.',
        sql: 'deliveries_by_day',
      },
      {
        id: 'changes',
        title: 'Changes after the order',
        about: 'Versions of orders beyond the first that was seen, by the day of the change.',
        sql: 'changes_by_day',
      },
      {
        id: 'history',
        title: 'What changed in an order',
        about: 'Orders whose latest change lies within the chosen dates, in the chosen currency before or after it.',
        sql: 'order_versions',
        wide: true,
      },
    ],
  },
  {
    id: 'freshness',
    title: 'How fresh this is',
    sections: [
      {
        id: 'loads',
        title: 'Latest loads',
        about: 'The warehouse shows totesys as it was when it was last read. Times are UTC.',
        sql: 'freshness',
        wide: true,
      },
    ],
  },
];
