import { SAML_REASONS } from '../../src/saml/protocol/saml-rejection.js';
import type { TestServer } from '../support/app.js';
import { lastRecord, type Answer, type SamlTenant } from '../support/saml-sign-in.js';
import { sideEffects, type SideEffects } from '../support/side-effects.js';

/** What a refusal leaves behind: its record. The question was put before. */
export const ONE_RECORD: SideEffects = { rows: { sign_ins: '+1' }, columns: {}, events: [], audit: [] };

/** Only where the page shows it: a connection's id can look like a code by chance. */
export const withoutCode = (body: string): string =>
  body.replace(/<code>[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{2}<\/code>/, 'CODE');

/**
 * A way to expect refusals: the same page for every reason, no session, nothing written but the record that names the reason and the code
 * of the page. No row of a person or a link, then, and nothing used up. `reason`: any of the protocol's when it is not given.
 */
export function refusalsOf(server: TestServer) {
  let publicBody: string | undefined;
  return async (at: SamlTenant, reason: string | undefined, send: () => Promise<Answer>): Promise<Answer> => {
    let answer!: Answer;
    const effects = await sideEffects(server, async () => {
      answer = await send();
    });
    expect(answer.status).toBe(403);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    const record = await lastRecord(server, at);
    expect(record).toMatchObject({ outcome: 'rejected', claims: null, decision: { kind: 'reject' } });
    expect(reason === undefined ? SAML_REASONS : [reason]).toContain(record.reason);
    expect(record.decision).toMatchObject({ reason: record.reason, detail: { check: expect.any(String) as string } });
    expect(answer.body).toContain(`<code>${record.incident_code}</code>`);
    expect(effects).toEqual(ONE_RECORD);
    const body = publicPart(answer.body, at);
    publicBody ??= body;
    expect(body).toBe(publicBody);
    return answer;
  };
}

/** What every refused person sees. */
const publicPart = (body: string, { connection }: SamlTenant): string =>
  withoutCode(body).replaceAll(connection.id, 'CONNECTION');
