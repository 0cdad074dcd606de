import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { guessClient } from '../../../../src/scim/protocol/quirks/guess-client.js';
import { observeRequest } from '../../../../src/scim/protocol/quirks/observe-quirks.js';
import { GROUP, USER } from '../../../../src/scim/protocol/resource-types.js';
import type { JsonObject } from '../../../../src/scim/protocol/schema/attribute.js';

interface Exchange {
  readonly headers: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly request: { method: string; path: string; body?: JsonObject } }[];
}

const FOLDER = join('test', 'scim', 'exchanges');

/** How many requests of a recorded exchange have each quirk. */
function countsOf({ headers, steps }: Exchange): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { request } of steps) {
    const { method, path: url, body } = request;
    const query = Object.fromEntries(new URLSearchParams(url.split('?')[1] ?? ''));
    const sent = { contentType: body && headers['content-type'] };
    for (const quirk of observeRequest({ method, url, query, headers: sent, body }, [USER, GROUP]).keys()) {
      counts.set(quirk, (counts.get(quirk) ?? 0) + 1);
    }
  }
  return counts;
}

const EXPECTED: Readonly<Record<string, string>> = {
  'authentik.json': 'authentik',
  'entra-compliance-flag.json': 'Entra ID with the aadOptscim062020 flag',
  'entra.json': 'Entra ID without the aadOptscim062020 flag',
  'google.json': 'Google Workspace',
  'jumpcloud.json': 'JumpCloud',
  'keycloak.json': 'Keycloak with a SCIM plug-in',
  'okta-catalogue-app.json': 'Okta, app of its catalogue',
  'okta-custom-app.json': 'Okta, app integration wizard',
  'onelogin.json': 'OneLogin',
  'pingfederate.json': 'PingFederate or PingOne',
  'rippling.json': 'Rippling',
  'sailpoint.json': 'SailPoint',
  'zitadel.json': 'Zitadel',
};

describe('which client a connection has', () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

  it('has an expectation for every recorded exchange', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...files].sort());
  });

  it.each(files)('%s', (file) => {
    const exchange = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Exchange;
    const counts = countsOf(exchange);
    const guess = guessClient(counts, exchange.headers['user-agent'] ?? null);
    expect([guess?.client, [...counts.keys()].sort()]).toEqual([EXPECTED[file], expect.anything()]);
    expect([...counts.keys()]).toEqual(expect.arrayContaining([...guess!.because]));
  });

  it('is not guessed without evidence', () => {
    expect(guessClient(new Map())).toBeUndefined();
    expect(guessClient(new Map([['capitalised-op', 0]]), 'curl/8')).toBeUndefined();
  });
});
