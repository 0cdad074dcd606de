import type { JsonObject } from './scenario.js';

/** Reading /Schemas as a client does that builds its requests from them. */

/** An attribute as /Schemas describes it (RFC 7643 section 7). */
export interface Described {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'reference' | 'complex' | 'binary';
  readonly multiValued: boolean;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned: 'always' | 'never' | 'default' | 'request';
  readonly uniqueness: 'none' | 'server' | 'global';
  readonly canonicalValues?: readonly string[];
  readonly subAttributes?: readonly Described[];
}

/** One attribute or sub-attribute of a resource type, with where it is. */
export interface Place {
  /** As in filters and paths, for example `urn:...:User:manager.value`. */
  readonly path: string;
  readonly attribute: Described;
  readonly parent: Described | undefined;
  /** URN of the extension that holds it. */
  readonly extension: string | undefined;
}

/** All attributes and sub-attributes of a schema. */
export function placesOf(schemaId: string, attributes: readonly Described[], isExtension: boolean): Place[] {
  const extension = isExtension ? schemaId : undefined;
  const prefix = isExtension ? `${schemaId}:` : '';
  return attributes.flatMap((attribute) => [
    { path: prefix + attribute.name, attribute, parent: undefined, extension },
    ...(attribute.subAttributes ?? []).map((sub) => ({
      path: `${prefix}${attribute.name}.${sub.name}`,
      attribute: sub,
      parent: attribute,
      extension,
    })),
  ]);
}

/** A value that fits; `n` makes it another one. */
export function valueFor(attribute: Described, n = 1): unknown {
  if (!attribute.multiValued) return singleFor(attribute, n);
  const second = singleFor(attribute, n + 1);
  // At most one value is primary.
  return [singleFor(attribute, n), isObject(second) && 'primary' in second ? { ...second, primary: false } : second];
}

export function singleFor(attribute: Described, n: number): unknown {
  switch (attribute.type) {
    case 'complex':
      return Object.fromEntries(
        (attribute.subAttributes ?? [])
          .filter(({ mutability }) => mutability !== 'readOnly')
          .map((sub) => [sub.name, valueFor(sub, n)]),
      );
    case 'boolean':
      return true;
    case 'integer':
      return 40 + n;
    case 'decimal':
      return 40.5 + n;
    case 'dateTime':
      return `2026-01-0${n}T10:00:00Z`;
    case 'binary':
      return Buffer.from(`${attribute.name} ${n}`).toString('base64');
    case 'reference':
      return `https://example.com/${attribute.name}/Aa${n}`;
    case 'string':
      return attribute.canonicalValues?.[n % attribute.canonicalValues.length] ?? `${attribute.name} Aa${n}`;
  }
}

/** Values that an attribute of this kind cannot have. */
export function wrongFor({ type, multiValued }: Described): unknown[] {
  const several = multiValued ? [] : [['a', 'b']];
  switch (type) {
    case 'boolean':
      return ['perhaps', 7, {}, ...several].filter((value) => !isEmpty(value));
    case 'complex':
      return [7, true, [7], [['x']]];
    case 'integer':
      return ['x', 1.5, true, ...several];
    case 'decimal':
      return ['x', true, ...several];
    case 'dateTime':
      return ['yesterday', '2026-01-01', 7, ...several];
    default:
      return [7, true, { a: 'b' }, 'half \ud800', ...several];
  }
}

/** What a read finds at a place: the values of all elements. */
export function valuesAt(resource: JsonObject, { attribute, parent, extension }: Place): unknown[] {
  const holder = extension === undefined ? resource : resource[extension];
  const top = isObject(holder) ? holder[(parent ?? attribute).name] : undefined;
  const list = top === undefined ? [] : Array.isArray(top) ? top : [top];
  if (!parent) return list;
  return list.flatMap((element: JsonObject) =>
    element[attribute.name] === undefined ? [] : [element[attribute.name]],
  );
}

const isEmpty = (value: unknown) => isObject(value) && Object.keys(value).length === 0;
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
