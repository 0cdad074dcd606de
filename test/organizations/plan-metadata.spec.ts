import { DEFAULT_SAML, type SamlSettings } from '../../src/organizations/connection.js';
import { backoffSeconds, refreshSeconds } from '../../src/organizations/metadata-source.js';
import { OVERLAP_MS, planMetadata, type KnownState } from '../../src/organizations/plan-metadata.js';
import type { IdpMetadata } from '../../src/saml/protocol/parse-metadata.js';

const NOW = new Date('2026-03-01T12:00:00Z');
const ago = (ms: number) => new Date(NOW.getTime() - ms).toISOString();
const saml = (...certificates: string[]): SamlSettings => ({
  ...DEFAULT_SAML,
  idpEntityId: 'https://idp.example/',
  ssoUrl: 'https://idp.example/sso',
  certificates,
});
const known = (over: Partial<KnownState> = {}): KnownState => ({ saml: saml('A'), leaving: [], held: null, ...over });
const found = (certificates: string[], over: Partial<IdpMetadata> = {}): IdpMetadata => ({
  entityId: 'https://idp.example/',
  ssoUrl: 'https://idp.example/sso',
  requestBinding: 'redirect',
  wantAuthnRequestsSigned: false,
  singleLogout: null,
  certificates,
  validUntil: undefined,
  cacheDuration: undefined,
  ...over,
});

describe('#23 what fetched metadata change', () => {
  it('a certificate that appears is believed at once; the same in another order is no change', () => {
    expect(planMetadata(known(), found(['B', 'A']), NOW)).toMatchObject({
      saml: { certificates: ['A', 'B'] },
      added: ['B'],
      removed: [],
    });
    const both = known({ saml: saml('A', 'B') });
    expect(planMetadata(both, found(['B', 'A']), NOW).saml).toEqual(both.saml);
  });

  it('a certificate that leaves stays for a day, whatever is fetched or not meanwhile', () => {
    const left = planMetadata(known(), found(['B']), NOW);
    expect(left).toMatchObject({ saml: { certificates: ['A', 'B'] }, removed: [] });
    expect(left.leaving).toEqual([{ certificate: 'A', since: NOW.toISOString() }]);
    for (const document of [found(['B']), undefined]) {
      const at = (ms: number) =>
        planMetadata(known({ saml: saml('A', 'B'), leaving: [{ certificate: 'A', since: ago(ms) }] }), document, NOW);
      expect(at(OVERLAP_MS - 1)).toMatchObject({
        saml: { certificates: ['A', 'B'] },
        leaving: [{ since: ago(OVERLAP_MS - 1) }],
      });
      expect(at(OVERLAP_MS)).toMatchObject({ saml: { certificates: ['B'] }, leaving: [], removed: ['A'] });
    }
  });

  it('never ends without a certificate when nothing new is known', () => {
    expect(planMetadata(known(), undefined, NOW)).toMatchObject({
      saml: { certificates: ['A'] },
      added: [],
      removed: [],
    });
  });

  it('what left and came back has not left', () => {
    const state = known({ saml: saml('A', 'B'), leaving: [{ certificate: 'A', since: ago(OVERLAP_MS * 2) }] });
    expect(planMetadata(state, found(['A', 'B']), NOW)).toMatchObject({
      saml: { certificates: ['A', 'B'] },
      leaving: [],
    });
  });

  it('goes at once when an operator says so', () => {
    const plan = planMetadata(known({ saml: saml('A', 'B') }), found(['B']), NOW, { dropLeaving: true });
    expect(plan).toMatchObject({ saml: { certificates: ['B'] }, leaving: [], removed: ['A'] });
  });

  it('of many that leave only the latest are believed on', () => {
    const leaving = ['C', 'D', 'E', 'F'].map((certificate, index) => ({ certificate, since: ago((index + 1) * 1000) }));
    const plan = planMetadata(known({ saml: saml('A', 'C', 'D', 'E', 'F'), leaving }), found(['B']), NOW);
    expect(plan.leaving.map(({ certificate }) => certificate)).toEqual(['A', 'C', 'D', 'E']);
    expect(plan.saml.certificates).toEqual(['A', 'C', 'D', 'E', 'B']);
  });

  it.each([
    ['another path', { ssoUrl: 'https://idp.example/other' }, true],
    ['another host', { ssoUrl: 'https://elsewhere.example/sso' }, false],
    ['another port', { ssoUrl: 'https://idp.example:8443/sso' }, false],
    ['a host that only begins alike', { ssoUrl: 'https://idp.example.evil.example/sso' }, false],
    [
      'logout at the same host',
      { singleLogout: { url: 'https://idp.example/slo', responseUrl: null, binding: 'post' } },
      true,
    ],
    [
      'logout elsewhere',
      { singleLogout: { url: 'https://elsewhere.example/slo', responseUrl: null, binding: 'redirect' } },
      false,
    ],
    [
      'answers to logout elsewhere',
      {
        singleLogout: {
          url: 'https://idp.example/slo',
          responseUrl: 'https://elsewhere.example/',
          binding: 'redirect',
        },
      },
      false,
    ],
  ] as [string, Partial<IdpMetadata>, boolean][])(
    'takes %s by itself, or lets it wait (%#)',
    (_what, over, applied) => {
      const plan = planMetadata(known(), found(['A'], over), NOW);
      expect({ ssoUrl: plan.saml.ssoUrl, singleLogout: plan.saml.singleLogout }).toEqual(
        applied
          ? { ssoUrl: 'https://idp.example/sso', singleLogout: null, ...over }
          : { ssoUrl: 'https://idp.example/sso', singleLogout: null },
      );
      expect(plan.held).toEqual(
        applied
          ? null
          : {
              ssoUrl: 'https://idp.example/sso',
              requestBinding: 'redirect',
              singleLogout: null,
              ...over,
              since: NOW.toISOString(),
            },
      );
    },
  );

  it('what waits goes on waiting since then, also while nothing is fetched', () => {
    const held = {
      ssoUrl: 'https://elsewhere.example/sso',
      requestBinding: 'redirect' as const,
      singleLogout: null,
      since: ago(5000),
    };
    for (const document of [found(['A'], { ssoUrl: held.ssoUrl }), undefined]) {
      expect(planMetadata(known({ held }), document, NOW).held).toBe(held);
    }
  });
});

describe('#23 when metadata are fetched again', () => {
  const inSeconds = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
  it.each([
    [undefined, undefined, 6 * 3600],
    [10, undefined, 3600],
    [7200, undefined, 7200],
    [30 * 86_400, undefined, 24 * 3600],
    [undefined, inSeconds(86_400 * 30), 6 * 3600],
    [undefined, inSeconds(4 * 3600), 2 * 3600],
    [86_400, inSeconds(1800), 900],
    [undefined, inSeconds(10), 300],
  ])('cacheDuration %p, validUntil %p: after %d seconds', (cacheDuration, validUntil, seconds) => {
    expect(refreshSeconds(cacheDuration, validUntil, NOW)).toBe(seconds);
  });

  it('after failures soon, then later, and never later than usual', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 50].map((failures) => backoffSeconds(failures, 21_600))).toEqual([
      300, 600, 1200, 2400, 4800, 9600, 19_200, 21_600,
    ]);
  });
});
