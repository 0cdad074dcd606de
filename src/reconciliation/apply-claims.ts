import type { Attributes, JsonValue } from '../directory/directory-types.js';
import { nameKey } from '../directory/name-key.js';
import type { LoginClaims } from './changes.js';

/** The attributes of a JIT person after a sign-in: mapped ones are overwritten, all others stay as they were. */
export function applyClaims(current: Attributes, claims: LoginClaims): Attributes {
  const next: Attributes = { ...current };
  if (claims.displayName !== undefined) next['displayName'] = claims.displayName;
  const name = {
    ...(isObject(current['name']) ? current['name'] : {}),
    ...(claims.givenName === undefined ? {} : { givenName: claims.givenName }),
    ...(claims.familyName === undefined ? {} : { familyName: claims.familyName }),
  };
  if (Object.keys(name).length > 0) next['name'] = name;
  if (claims.email !== undefined) next['emails'] = withWorkEmail(current['emails'], claims.email);
  return next;
}

/** The asserted address becomes the primary work address; other addresses stay, not primary. */
function withWorkEmail(current: JsonValue | undefined, email: string): JsonValue[] {
  const others = (Array.isArray(current) ? current : []).filter(isObject).filter((entry) => {
    const replaced = entry['type'] === 'work' || (typeof entry['value'] === 'string' && sameKey(entry['value'], email));
    return !replaced;
  });
  const rest = others.map(({ primary: _primary, ...entry }) => entry);
  return [{ value: email, type: 'work', primary: true }, ...rest];
}

const sameKey = (left: string, right: string): boolean => nameKey(left) === nameKey(right);

const isObject = (value: JsonValue | undefined): value is { [key: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
