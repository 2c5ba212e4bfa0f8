import type { History } from './step.ts';

/** Histories that the pipeline once got wrong, or that are easily got wrong: each is played again in every test run. */
export const kept: readonly { readonly what: string; readonly history: History }[] = [
  {
    what: 'a staff row found to be deleted stays away when its department changes',
    history: {
      stocked: true,
      steps: [
        { do: 'ingest', format: 'csv', runs: 1, meanwhile: [] },
        { do: 'delete', session: 0, table: 'staff', key: 1 },
        { do: 'delete', session: 0, table: 'counterparty', key: 2 },
        { do: 'request', table: 'staff', keys: [1] },
        { do: 'request', table: 'counterparty', keys: [2] },
        { do: 'ingest', format: 'csv', runs: 1, meanwhile: [] },
        {
          do: 'update',
          session: 0,
          table: 'department',
          key: 1,
          values: { department_name: 'Purchasing' },
          stamp: 'new',
        },
        { do: 'update', session: 0, table: 'address', key: 2, values: { city: 'York' }, stamp: 'new' },
        { do: 'ingest', format: 'csv', runs: 1, meanwhile: [] },
        { do: 'transform', runs: 1 },
        { do: 'load', runs: 1 },
      ],
      again: 'load',
      endsWith: 'commit',
    },
  },
  {
    what: 'an amount that gains or loses a zero at its end is a further state of its payment',
    history: {
      stocked: true,
      steps: [
        { do: 'ingest', format: 'csv', runs: 1, meanwhile: [] },
        { do: 'update', session: 0, table: 'payment', key: 1, values: { payment_amount: '10' }, stamp: 'kept' },
      ],
      again: 'nothing',
      endsWith: 'commit',
    },
  },
  {
    what: 'an order that waits for its design comes in with it',
    history: {
      stocked: true,
      steps: [
        {
          do: 'insert',
          session: 0,
          table: 'sales_order',
          key: 3,
          values: {
            design_id: 4,
            staff_id: 1,
            counterparty_id: 1,
            units_sold: 1,
            unit_price: '1.50',
            currency_id: 1,
            agreed_delivery_date: '2024-01-31',
            agreed_payment_date: '2024-01-31',
            agreed_delivery_location_id: 1,
          },
        },
        { do: 'ingest', format: 'csv', runs: 1, meanwhile: [] },
        {
          do: 'insert',
          session: 0,
          table: 'design',
          key: 4,
          values: { design_name: 'Dot', file_location: '/a', file_name: 'dot.json' },
        },
        { do: 'ingest', format: 'csv', runs: 1, meanwhile: [] },
        { do: 'transform', runs: 1 },
        { do: 'load', runs: 1 },
      ],
      again: 'transform',
      endsWith: 'commit',
    },
  },
  {
    what: 'a state of an order that could not be used, and that another followed, comes into its history when asked for',
    history: {
      stocked: true,
      steps: [
        {
          do: 'insert',
          session: 0,
          table: 'sales_order',
          key: 3,
          values: {
            design_id: 4,
            staff_id: 1,
            counterparty_id: 1,
            units_sold: 1,
            unit_price: '1.50',
            currency_id: 1,
            agreed_delivery_date: '2024-01-31',
            agreed_payment_date: '2024-01-31',
            agreed_delivery_location_id: 1,
          },
        },
        { do: 'ingest', format: 'csv', runs: 1, meanwhile: [] },
        { do: 'update', session: 0, table: 'sales_order', key: 3, values: { design_id: 1 }, stamp: 'new' },
        { do: 'ingest', format: 'csv', runs: 1, meanwhile: [] },
        {
          do: 'insert',
          session: 0,
          table: 'design',
          key: 4,
          values: { design_name: 'Dot', file_location: '/a', file_name: 'dot.json' },
        },
        { do: 'retry' },
        { do: 'ingest', format: 'csv', runs: 1, meanwhile: [] },
        { do: 'transform', runs: 1 },
        { do: 'load', runs: 1 },
      ],
      again: 'load',
      endsWith: 'commit',
    },
  },
];
