import type { ChangedOrder, OrderVersion } from '../src/data.ts';
import { longDate } from './calendar.ts';
import { decimalText, scaled } from './exact.ts';
import { element, find, findSelect } from './dom.ts';
import { count, moneyOf, within } from './numbers.ts';
import { show, type Context } from './view.ts';

/** What an order says, in the order in which it is told. */
const fields: readonly (readonly [title: string, text: (version: OrderVersion) => string])[] = [
  ['Goods', ({ goods }) => goods],
  ['Quantity', ({ quantity }) => count(BigInt(quantity))],
  ['Unit price', (version) => amount(version, version.unitPrice)],
  ['Value', (version) => amount(version, version.value)],
  ['Currency', ({ currency }) => currency],
  ['Customer or supplier', ({ counterparty }) => counterparty],
  ['Staff', ({ staff }) => staff],
  ['Delivery agreed', ({ delivery }) => dateWords(delivery)],
  ['Payment agreed', ({ payment }) => dateWords(payment)],
  ['Delivered to', ({ deliveredTo }) => deliveredTo],
];

const dateWords = (date: string): string => longDate(Date.parse(`${date}T00:00:00Z`) / 86_400_000);

/** A decimal of the warehouse as money, all its places kept. */
function amount({ currency }: OrderVersion, decimal: string): string {
  const places = decimal.split('.')[1]?.length ?? 0;
  return moneyOf(currency, places).exact(scaled(decimal, places));
}

/** Whether somebody is to choose an order: asked once, as the page opens. */
export function prepareVersions(onChoice: () => void): void {
  const select = element('select', { id: 'order' });
  select.addEventListener('change', onChoice);
  find('#history .controls').append(element('label', {}, 'Order ', select));
}

/** The versions of one order, of those that changed within the dates. */
export function showVersions({ report, money, span }: Context): void {
  const { orders, total } = report.history;
  const shown = orders.filter(
    ({ day, versions }) =>
      day >= span.from && day <= span.to && versions.some(({ currency }) => currency === money.code),
  );
  const select = findSelect('#order');
  const before = select.value;
  select.replaceChildren(...shown.map((order) => element('option', { value: keyOf(order) }, optionText(order))));
  if (shown.some((order) => keyOf(order) === before)) select.value = before;
  find('#history .controls').hidden = shown.length === 0;
  const order = shown[select.selectedIndex];
  const bounded =
    orders.length < total ? ` The page has the ${orders.length} that changed last, of ${count(BigInt(total))}.` : '';
  if (order === undefined) {
    show('history', { says: `No order${within(money)} last changed within these dates.${bounded}` });
    find('#history .chart').replaceChildren();
    return;
  }
  show('history', {
    says: `${shown.length === 1 ? 'One order' : `${count(BigInt(shown.length))} orders`} to choose from.${bounded}`,
    table: {
      texts: 1 + order.versions.length,
      head: ['Seen', ...order.versions.map(({ changedAt }) => changedAt)],
      rows: fields.map(([title, text]) => [title, ...order.versions.map(text)]),
    },
  });
  find('#history .chart').replaceChildren(story(order));
}

const keyOf = ({ kind, id }: ChangedOrder): string => `${kind} ${id}`;

const optionText = (order: ChangedOrder): string =>
  `${order.kind === 'sale' ? 'Sale' : 'Purchase'} ${order.id}, changed ${longDate(order.day)}`;

/** A list of what happened to an order: as it was placed, then what each change altered. */
function story({ versions }: ChangedOrder): HTMLElement {
  return element(
    'ol',
    { class: 'story' },
    ...versions.map((version, i) =>
      element(
        'li',
        {},
        element('strong', {}, i === 0 ? 'As first seen' : `Change ${i}`),
        element('time', {}, version.changedAt),
        i === 0 ? facts(version) : differences(versions[i - 1]!, version),
      ),
    ),
  );
}

const facts = (version: OrderVersion): HTMLElement =>
  element('dl', {}, ...fields.flatMap(([title, text]) => pair(title, text(version))));

function differences(before: OrderVersion, after: OrderVersion): HTMLElement {
  const changed = fields.filter(([, text]) => text(before) !== text(after));
  if (changed.length === 0) return element('p', {}, 'Nothing that the warehouse keeps, but for its time.');
  return element(
    'dl',
    {},
    ...changed.flatMap(([title, text]) => {
      const change =
        title === 'Value' && before.currency === after.currency
          ? element('span', { class: 'change' }, ` (${difference(before, after)})`)
          : '';
      return pair(
        title,
        element('del', {}, text(before)),
        element('span', { class: 'hidden' }, ' became'),
        ' → ',
        element('ins', {}, text(after)),
        change,
      );
    }),
  );
}

const pair = (title: string, ...text: (Node | string)[]): HTMLElement[] => [
  element('dt', {}, title),
  element('dd', {}, ...text),
];

function difference(before: OrderVersion, after: OrderVersion): string {
  const places = Math.max(...[before, after].map(({ value }) => value.split('.')[1]?.length ?? 0));
  const more = scaled(after.value, places) - scaled(before.value, places);
  return `${more > 0n ? '+' : ''}${amount(after, decimalText(more, places))}`;
}
