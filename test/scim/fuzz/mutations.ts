import fc from 'fast-check';

/** What may happen to a recorded request on its way: as data, so that a failing one can be made smaller and shown. */

export interface Sent {
  readonly method: string;
  /** Below /scim/v2, with the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

const JUNK: readonly unknown[] = [
  null,
  '',
  [],
  {},
  -1,
  1e308,
  true,
  'False',
  '\0',
  '\ud800',
  'x'.repeat(20_000),
  // Long, and nothing that a database could make shorter.
  Array.from({ length: 4000 }, (_, n) => String.fromCodePoint(0x4e00 + ((n * n * 31 + n * 7919) % 20_000))).join(''),
  '%',
  "'; DROP TABLE users; --",
  'members[value eq "x"]',
  'emails[type eq "work" and not (value pr',
  '('.repeat(200),
  Array.from({ length: 500 }, (_, n) => ({ value: String(n) })),
  JSON.parse('{"__proto__":{"active":false},"constructor":{"prototype":{"x":1}}}'),
  JSON.parse(`${'['.repeat(60)}${']'.repeat(60)}`),
  { value: { value: { value: [] } } },
];
const junk = fc.oneof(fc.constantFrom(...JUNK), fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: 'grapheme' }));
const at = fc.nat(10_000);
const fragments = fc.constantFrom(
  '%',
  '%00',
  '%zz',
  '%ff',
  '%2e%2e',
  '/',
  '//',
  '.search',
  '?',
  '#',
  '[',
  '"',
  '0',
  ';',
  '..',
  '*',
);

const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  [
    'content-type',
    ['text/plain', 'application/json;charset=utf-16', 'application/scim+json;x="y', ';', 'multipart/form-data', ''],
  ],
  ['accept', ['text/html', 'application/json', '*/*;q=x', ',', 'application/scim+json;q=0']],
  ['if-match', ['*', 'W/"1"', 'W/"', '"', ',,,', `"${'1'.repeat(2000)}"`]],
  ['if-none-match', ['*', 'W/"1"', '""', 'W/"1", W/"2"']],
  ['authorization', ['', 'Bearer', 'Basic x', 'Bearer rc_scim_x', 'Bearer  ', 'Negotiate']],
  ['content-encoding', ['gzip', 'br', 'x']],
  ['expect', ['100-continue']],
  ['x-http-method-override', ['DELETE']],
];
const PARAMETERS = [
  'filter',
  'sortBy',
  'sortOrder',
  'startIndex',
  'count',
  'attributes',
  'excludedAttributes',
  'cursor',
];

export type Mutation =
  | { readonly kind: 'replace'; readonly at: number; readonly value: unknown }
  | { readonly kind: 'drop' | 'double' | 'wrap' | 'rename'; readonly at: number }
  | { readonly kind: 'bytes'; readonly at: number; readonly remove: number; readonly bytes: Uint8Array }
  | { readonly kind: 'header'; readonly name: string; readonly value: string }
  | { readonly kind: 'path'; readonly at: number; readonly remove: number; readonly text: string }
  | { readonly kind: 'query'; readonly name: string; readonly value: unknown }
  | { readonly kind: 'method'; readonly method: string };

export const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('replace' as const), at, value: junk }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('drop', 'double', 'wrap', 'rename'), at }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('bytes' as const),
      at,
      remove: fc.nat(3),
      bytes: fc.uint8Array({ maxLength: 4 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...HEADERS)
      .chain(([name, values]) =>
        fc.record({ kind: fc.constant('header' as const), name: fc.constant(name), value: fc.constantFrom(...values) }),
      ),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('path' as const), at, remove: fc.nat(2), text: fragments }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('query' as const), name: fc.constantFrom(...PARAMETERS), value: junk }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('method' as const),
      method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
    }),
  },
);

export const mutate = (sent: Sent, mutations: readonly Mutation[]): Sent => mutations.reduce(apply, sent);

function apply(sent: Sent, change: Mutation): Sent {
  switch (change.kind) {
    case 'method':
      return { ...sent, method: change.method };
    case 'header':
      return { ...sent, headers: { ...sent.headers, [change.name]: change.value } };
    case 'path':
      return { ...sent, path: splice(sent.path, change.at, change.remove, change.text) };
    case 'query': {
      const text = typeof change.value === 'string' ? change.value : JSON.stringify(change.value);
      const value = encodeURIComponent(text.replace(/\p{Cs}/gu, '?')).slice(0, 6000);
      return { ...sent, path: `${sent.path}${sent.path.includes('?') ? '&' : '?'}${change.name}=${value}` };
    }
    case 'bytes': {
      if (!sent.body) return { ...sent, body: Buffer.from(change.bytes) };
      const from = change.at % (sent.body.length + 1);
      const rest = sent.body.subarray(from + change.remove);
      return { ...sent, body: Buffer.concat([sent.body.subarray(0, from), change.bytes, rest]) };
    }
    default:
      return { ...sent, body: changeNode(sent.body, change) };
  }
}

const splice = (text: string, at: number, remove: number, insert: string): string => {
  const from = 1 + (at % text.length);
  return text.slice(0, from) + insert + text.slice(from + remove);
};

type Holder = Record<string, unknown>;

/** Changes one node of the JSON document, whichever `at` chooses; what is no JSON any more stays as it is. */
function changeNode(body: Buffer | undefined, change: Extract<Mutation, { readonly at: number }>): Buffer | undefined {
  let document: unknown;
  try {
    document = JSON.parse(body?.toString() ?? '{}');
  } catch {
    return body;
  }
  const nodes: [Holder, string][] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      nodes.push([node as Holder, key]);
      visit((node as Holder)[key]);
    }
  };
  visit(document);
  const chosen = nodes[change.at % Math.max(nodes.length, 1)];
  if (!chosen) return Buffer.from(JSON.stringify(change.kind === 'replace' ? change.value : [document]));
  const [holder, key] = chosen;
  const value = holder[key];
  if (change.kind === 'replace') holder[key] = change.value;
  else if (change.kind === 'wrap') holder[key] = [value];
  else if (Array.isArray(holder)) holder.splice(Number(key), change.kind === 'drop' ? 1 : 0, value);
  else {
    if (change.kind !== 'double') delete holder[key];
    if (change.kind !== 'drop') holder[change.kind === 'rename' ? key.toUpperCase() : `${key}.value`] = value;
  }
  return Buffer.from(JSON.stringify(document));
}
