/** Which product a client is, by what it has been seen to do. A guess, with what it rests on. */
import type { QuirkName } from './all-quirks.js';

export interface ClientGuess {
  readonly client: string;
  /** The quirks that speak for it; empty: its User-Agent does. */
  readonly because: readonly QuirkName[];
}

interface Rule {
  readonly client: string;
  readonly userAgent?: RegExp;
  /** All of these. */
  readonly all?: readonly QuirkName[];
  /** And at least one of these. */
  readonly any?: readonly QuirkName[];
}

/** The first that fits: the more telling ones come first. */
const RULES: readonly Rule[] = [
  {
    client: 'Microsoft SCIM Validator',
    all: ['no-operations'],
    any: ['list-for-single-value', 'filter-on-text-boolean'],
  },
  {
    client: 'Okta, app of its catalogue',
    userAgent: /^okta\b/i,
    any: ['id-in-value', 'value-without-path'],
  },
  { client: 'Okta, app integration wizard', userAgent: /^okta\b/i, any: ['put-user', 'put-group'] },
  { client: 'Okta', userAgent: /^okta\b/i },
  { client: 'Google Workspace', userAgent: /^google\b/i },
  { client: 'Entra ID with the aadOptscim062020 flag', all: ['compliance-flag'] },
  { client: 'Keycloak with a SCIM plug-in', any: ['members-without-path'] },
  {
    client: 'Entra ID with the aadOptscim062020 flag',
    any: ['dotted-key', 'urn-key'],
  },
  {
    client: 'Entra ID without the aadOptscim062020 flag',
    all: ['capitalised-op'],
    any: [
      'microsoft-schema',
      'null-reference',
      'members-removed-by-value',
      'boolean-as-text',
      'manager-as-text',
      'filter-on-text-boolean',
      'filter-after-brackets',
    ],
  },
  { client: 'Entra ID', any: ['microsoft-schema', 'json-in-text', 'filter-after-brackets'] },
  { client: 'OneLogin', any: ['scim-1-schema', 'empty-parameter'] },
  { client: 'PingFederate or PingOne', any: ['members-in-members'] },
  { client: 'Zitadel', any: ['op-in-capitals'] },
  { client: 'authentik', any: ['schemas-in-value'] },
  { client: 'Okta, app of its catalogue', any: ['id-in-value'] },
  { client: 'SailPoint', any: ['added-without-path'] },
  { client: 'JumpCloud', any: ['members-removed-by-value'] },
  { client: 'Rippling', all: ['plain-json', 'put-group'] },
  { client: 'PingFederate or PingOne', any: ['complex-in-filter'] },
];

/** `userAgent`: the last one it sent. undefined: nothing tells it from others. */
export function guessClient(
  counts: ReadonlyMap<string, number>,
  userAgent: string | null = null,
): ClientGuess | undefined {
  const seen = (name: QuirkName): boolean => (counts.get(name) ?? 0) > 0;
  for (const { client, userAgent: wanted, all = [], any = [] } of RULES) {
    const because = [...all, ...any].filter(seen);
    const fits = (!wanted || wanted.test(userAgent ?? '')) && all.every(seen) && (any.length === 0 || any.some(seen));
    if (fits) return { client, because };
  }
  return undefined;
}
