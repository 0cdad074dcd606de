import { SAML } from '@node-saml/node-saml';

/**
 * The floor of a sign-in: node-saml checks the signatures of the same answers, one after the other in a process of its own, and nothing
 * else. Asked over the channel to its parent.
 */
export interface Verification {
  readonly idpCert: string;
  readonly responses: readonly string[];
}

process.on('message', ({ idpCert, responses }: Verification) => {
  verifyAll(idpCert, responses).then(
    (seconds) => process.send!({ seconds }),
    (error: Error) => process.send!({ error: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send!({ seconds: 0 });

async function verifyAll(idpCert: string, responses: readonly string[]): Promise<number> {
  const engine = new SAML({
    idpCert,
    issuer: 'bench',
    callbackUrl: 'https://rollcall.example.com/acs',
    audience: false,
    acceptedClockSkewMs: -1,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
  });
  const started = performance.now();
  for (const SAMLResponse of responses) {
    const { profile } = await engine.validatePostResponseAsync({ SAMLResponse });
    if (!profile) throw new Error('An answer was not verified');
  }
  return (performance.now() - started) / 1000;
}
