import type { AttributeMapping } from '../organizations/connection.js';
import type { SamlAttribute, SamlAttributes } from './protocol/read-attributes.js';
import type { NameId } from './protocol/read-name-id.js';
import { fitsIndex, nameFitsIndex } from '../directory/name-key.js';
import { AMBIGUOUS, NAME_ID, nameKeyOf, USUAL, USUAL_NAMES, type Field } from './usual-names.js';

/** What the mapping reads for one field, and where from. */
export interface FieldReading {
  readonly field: Field;
  /** Does the connection map the field? Otherwise the usual names were looked for. */
  readonly mapped: boolean;
  readonly lookedFor: readonly string[];
  /** The attributes that gave the values, as the IdP names them; `NameID`; empty: nothing was found. */
  readonly foundIn: readonly string[];
  readonly values: readonly string[];
}

export type Readings = Readonly<Record<Field, FieldReading>>;

interface Assertion {
  readonly nameId: NameId;
  readonly attributes: SamlAttributes;
}

/** Reads every field of the mapping. Fields of one value take the first that fits; role and groups take all of all names. */
export function readFields({ nameId, attributes }: Assertion, mapping: AttributeMapping): Readings {
  const find = finder(attributes);
  const one = (field: Field, fits: (value: string) => boolean = () => true) =>
    readOne(nameId, find, mapping, field, fits);
  const all = (field: Field) => readAll(find, mapping, field);
  const email = orNameId(one('email', isEmail), nameId);
  const [givenName, familyName] = [one('givenName'), one('familyName')];
  return {
    userName: instead(one('userName'), [email]),
    email,
    givenName,
    familyName,
    displayName: instead(one('displayName'), [givenName, familyName]),
    externalId: one('externalId'),
    role: all('role'),
    groups: all('groups'),
  };
}

/** `usual`: one of our names, which is meant in any spelling. */
type Find = (name: string, usual: boolean) => readonly SamlAttribute[];

/** By Name, or else by FriendlyName; a usual name then by its key, in the same order. */
function finder(attributes: SamlAttributes): Find {
  const all = [...attributes.values()];
  const friendly = all.filter(({ friendlyName }) => friendlyName !== undefined);
  const indexes = [
    groupBy(friendly, ({ friendlyName }) => friendlyName!),
    groupBy(all, ({ name }) => nameKeyOf(name)),
    groupBy(friendly, ({ friendlyName }) => nameKeyOf(friendlyName!)),
  ] as const;
  return (name, usual) => {
    const exact = attributes.get(name);
    if (exact) return [exact];
    const key = nameKeyOf(name);
    return indexes[0].get(name) ?? (usual ? (indexes[1].get(key) ?? indexes[2].get(key)) : undefined) ?? [];
  };
}

function groupBy(attributes: readonly SamlAttribute[], key: (attribute: SamlAttribute) => string) {
  const groups = new Map<string, SamlAttribute[]>();
  for (const attribute of attributes) groups.set(key(attribute), [...(groups.get(key(attribute)) ?? []), attribute]);
  return groups;
}

/** What is looked for: each name, and whether it is one of ours. */
function namesOf(mapping: AttributeMapping, field: Field) {
  const mapped = mapping[field] ?? [];
  const usual = USUAL_NAMES[field].map((name) => ({ name, usual: true }));
  const names =
    mapped.length === 0 ? usual : mapped.flatMap((name) => (name === USUAL ? usual : [{ name, usual: false }]));
  return { mapped: mapped.length > 0, names, lookedFor: names.map(({ name }) => name) };
}

function readOne(
  nameId: NameId,
  find: Find,
  mapping: AttributeMapping,
  field: Field,
  fits: (value: string) => boolean,
): FieldReading {
  const { names, ...reading } = namesOf(mapping, field);
  for (const { name, usual } of names) {
    const ambiguous = usual && AMBIGUOUS.has(name);
    const meant = (value: string) =>
      fits(value) && isShort(value) && !(ambiguous && isFullName(value) !== (field === 'displayName'));
    const isSubject = !usual && name === NAME_ID;
    const candidates = isSubject ? [{ name, values: [nameId.value] }] : find(name, usual);
    for (const attribute of candidates) {
      const value = attribute.values.find((each) => each !== '' && meant(each));
      if (value !== undefined) return { field, ...reading, foundIn: [attribute.name], values: [value] };
    }
  }
  return { field, ...reading, foundIn: [], values: [] };
}

function readAll(find: Find, mapping: AttributeMapping, field: Field): FieldReading {
  const { names, ...reading } = namesOf(mapping, field);
  const found = [...new Set(names.flatMap(({ name, usual }) => find(name, usual)))];
  return {
    field,
    ...reading,
    foundIn: found.map(({ name }) => name),
    values: [...new Set(found.flatMap(({ values }) => values))].filter(isShort),
  };
}

/** Longer ones are nobody's name here: SCIM and operators do not get them in either. An externalId is found by what it is, names by their key. */
const isShort = (value: string): boolean => fitsIndex(value) && nameFitsIndex(value);

/** Nothing else says the address: the subject may be one. */
const orNameId = (reading: FieldReading, { value }: NameId): FieldReading =>
  reading.values.length === 0 && isEmail(value) ? { ...reading, foundIn: [NAME_ID], values: [value] } : reading;

/** Nothing was found for the field: what other fields say stands for it, with a space between. */
function instead(reading: FieldReading, others: readonly FieldReading[]): FieldReading {
  const found = others.filter(({ values }) => values.length > 0);
  if (reading.values.length > 0 || found.length === 0) return reading;
  return {
    ...reading,
    foundIn: found.flatMap(({ foundIn }) => foundIn),
    values: [found.flatMap(({ values }) => values).join(' ')],
  };
}

const isFullName = (text: string): boolean => /\s/.test(text.trim());

/** Looks like one address: what a domain can be taken from. */
const isEmail = (text: string): boolean => /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;"]+$/.test(text);
