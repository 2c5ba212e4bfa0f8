import type { Faker } from '@faker-js/faker';
// Each locale by itself: the package's front door loads all seventy.
import { faker as american } from '@faker-js/faker/locale/en_US';
import { faker as british } from '@faker-js/faker/locale/en_GB';
import { faker as french } from '@faker-js/faker/locale/fr';
import { faker as german } from '@faker-js/faker/locale/de';
import { faker as irish } from '@faker-js/faker/locale/en_IE';
import { faker as japanese } from '@faker-js/faker/locale/ja';
import { faker as polish } from '@faker-js/faker/locale/pl';
import { faker as swiss } from '@faker-js/faker/locale/de_CH';
import type { Row } from './orders.ts';
import type { Random } from './random.ts';

interface Place {
  readonly faker: Faker;
  readonly country: string;
  /** Of the first address in it, so that even the smallest shop has accents, other scripts and leading zeros. */
  readonly city: string;
  readonly postalCode: string;
}

const places: readonly Place[] = [
  { faker: british, country: 'United Kingdom', city: 'Leeds', postalCode: 'LS1 4AP' },
  { faker: swiss, country: 'Switzerland', city: 'Zürich', postalCode: '8001' },
  { faker: polish, country: 'Poland', city: 'Łódź', postalCode: '90-001' },
  { faker: american, country: 'United States', city: 'Boston', postalCode: '02134' },
  { faker: japanese, country: 'Japan', city: '東京', postalCode: '100-0001' },
  { faker: german, country: 'Germany', city: 'Dresden', postalCode: '01067' },
  { faker: irish, country: 'Ireland', city: "Bishop's Court, Naas", postalCode: 'W91 X2C3' },
  { faker: french, country: 'France', city: 'Bourg-en-Bresse', postalCode: '01000' },
];

/** Names that data must survive: an apostrophe, a comma, quotation marks, accents, other scripts. */
const staffNames = [
  ['Siobhán', "O'Brien"],
  ['Zoë', 'Müller-Łukasik'],
  ['美咲', '佐藤'],
] as const;
const companyNames = [
  "O'Brien, Smith & Sons",
  'Zürcher Taschen AG',
  'Łódzkie Torby sp. z o.o.',
  '東京トート株式会社',
  'The "Bag" Co',
];

/** Makes up rows of small tables. A row's `number` counts from 0; the first few are always the same. */
export interface Inventor {
  address(at: string, number?: number): Row;
  staff(at: string, department: number, number?: number): Row;
  counterparty(at: string, address: number, number?: number): Row;
  design(at: string): Row;
  personName(): string;
  phone(): string;
}

/**
 * An inventor whose rows follow from the state of `source`. All inventors share the fake-data library's generators, so
 * make one, use it, and only then make the next.
 */
export function inventor(source: Random): Inventor {
  for (const { faker } of places) faker.seed(source.below(2 ** 32));
  const anywhere = (): Faker => source.pick(places).faker;
  const personName = (): string => anywhere().person.fullName();
  const later = (): number => places.length + source.below(places.length);
  /** Optional columns are NULL three times in ten, and empty, which is not the same, once. */
  const optional = (value: string): string | null => {
    const chance = source.below(10);
    return chance < 6 ? value : chance < 9 ? null : '';
  };

  return {
    address(at, number = later()) {
      const { faker, country, ...first } = places[number % places.length]!;
      const isFirst = number < places.length;
      return {
        address_line_1: faker.location.streetAddress(),
        address_line_2: optional(faker.location.secondaryAddress()),
        district: optional(faker.location.state()),
        city: isFirst ? first.city : faker.location.city(),
        postal_code: isFirst ? first.postalCode : faker.location.zipCode(),
        country,
        phone: faker.phone.number(),
        ...created(at),
      };
    },
    staff(at, department, number = later()) {
      const { person, internet } = anywhere();
      const [firstName, lastName] = staffNames[number] ?? [person.firstName(), person.lastName()];
      return {
        first_name: firstName,
        last_name: lastName,
        department_id: department,
        email_address: internet.email({ firstName, lastName, provider: 'terrifictotes.example' }).toLowerCase(),
        ...created(at),
      };
    },
    counterparty: (at, address, number = later()) => ({
      counterparty_legal_name: companyNames[number] ?? anywhere().company.name(),
      legal_address_id: address,
      commercial_contact: optional(personName()),
      delivery_contact: optional(personName()),
      ...created(at),
    }),
    design(at) {
      const name = british.commerce.productMaterial();
      const made = `20${source.between(19, 22)}${two(source.between(1, 12))}${two(source.between(1, 28))}`;
      return {
        design_name: name,
        file_location: source.pick(['/usr', '/usr/share', '/private/var', '/home/user/dir', '/opt/designs']),
        file_name: `${name.toLowerCase()}-${made}-${british.string.alphanumeric({ length: 4, casing: 'lower' })}.json`,
        ...created(at),
      };
    },
    personName,
    phone: () => anywhere().phone.number(),
  };
}

/** The two timestamps of a row that was made then and not changed since. */
export const created = (at: string) => ({ created_at: at, last_updated: at });
const two = (value: number): string => String(value).padStart(2, '0');
