import { hash, pick } from '../random.js';

/** Somebody in the client's directory. */
export interface Person {
  readonly index: number;
  readonly externalId: string;
  readonly userName: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly email: string;
  readonly title: string;
  readonly department: string;
  readonly employeeNumber: string;
  readonly phone: string | undefined;
  readonly active: boolean;
  /** Index of the person above them. */
  readonly manager: number | undefined;
}

// With accents, apostrophes and other scripts: what a server folds, trims or escapes wrongly shows in the comparison.
const GIVEN = ['Ada', 'José', 'Zoë', 'Łukasz', 'Mei', 'Søren', 'Amélie', 'Noor', 'Grace', 'Иван', 'Yuki', 'Renée'];
const FAMILY = ["O'Brien", 'Müller', 'Nguyễn', 'Ødegård', 'Smith-Jones', 'García Márquez', 'van der Berg', 'D’Souza'];
const TITLES = [
  'Engineer',
  'Senior Engineer',
  'Account Manager',
  'Head of "Special" Projects',
  'Büroleitung',
  'Analyst',
];
export const DEPARTMENTS = ['R&D', 'Sales', 'Customer Care', 'Finance / Legal', 'Vertrieb Süd', 'Operations'];

export const titleOf = (seed: number, ...parts: readonly (number | string)[]): string =>
  pick(TITLES, seed, 'title', ...parts);

/** Person `index` as the seed made them; `domain` is where the people of this run live. */
export function generatePerson(seed: number, domain: string, index: number, managers: number): Person {
  const givenName = pick(GIVEN, seed, 'given', index);
  const familyName = pick(FAMILY, seed, 'family', index);
  const userName = userNameOf(familyName, index, domain);
  return {
    index,
    externalId: uuidOf(seed, 'user', index),
    userName,
    givenName,
    familyName,
    email: userName,
    title: titleOf(seed, index),
    department: pick(DEPARTMENTS, seed, 'department', index),
    employeeNumber: String(100_000 + index),
    phone: index % 3 === 0 ? undefined : `+49 30 ${String(1_000_000 + (hash(seed, 'phone', index) % 9_000_000))}`,
    active: true,
    manager: index < managers || index % 10 !== 0 ? undefined : hash(seed, 'manager', index) % managers,
  };
}

export const userNameOf = (familyName: string, index: number, domain: string): string =>
  `${familyName
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()}.${index}@${domain}`;

export const displayNameOf = ({ givenName, familyName }: Person): string => `${givenName} ${familyName}`;

/** Looks like an object id of a real directory; different for each number. */
export function uuidOf(seed: number, kind: string, index: number): string {
  const hex = (value: number, digits: number) => (value >>> 0).toString(16).padStart(digits, '0').slice(-digits);
  const [a, b] = [hash(seed, 'uuid', kind, index), hash(seed, 'uuid too', kind, index)];
  return `${hex(a, 8)}-${hex(b, 4)}-4${hex(b >>> 16, 3)}-8${hex(seed, 3)}-${hex(index, 12)}`;
}
