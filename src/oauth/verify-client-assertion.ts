import { createLocalJWKSet, decodeJwt, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';

/** What a client assertion is judged by. */
export interface AssertionRules {
  readonly clientId: string;
  readonly jwks: JSONWebKeySet;
  readonly algorithms: readonly string[];
  /** Any of these names this server: its issuer and its token endpoint. */
  readonly audiences: readonly string[];
  readonly now: Date;
}

export interface VerifiedAssertion {
  readonly jti: string;
  /** After this no clock skew can make it valid again. */
  readonly expiresAt: Date;
}

/** Clocks of the two may differ by so much. */
const SKEW_SECONDS = 60;
const LONGEST_SECONDS = 5 * 60;
const LONGEST_JTI = 512;

/** Whom an assertion speaks of, before anything of it is believed; undefined: it is no JWT. */
export function subjectOf(assertion: string): string | undefined {
  try {
    return decodeJwt(assertion).sub;
  } catch {
    return undefined;
  }
}

/**
 * private_key_jwt: "The JWT MUST contain an "iss" (issuer) claim ... an "aud" (audience) claim ... an "exp" (expiration time) claim"
 * (RFC 7523 section 3), "iss" and "sub" are the client_id, and here it also has a "jti", by which it is used once, and lives for a few
 * minutes only. undefined for whatever is not all of that.
 */
export async function verifyClientAssertion(
  assertion: string,
  { clientId, jwks, algorithms, audiences, now }: AssertionRules,
): Promise<VerifiedAssertion | undefined> {
  const options = {
    algorithms: [...algorithms],
    issuer: clientId,
    subject: clientId,
    audience: [...audiences],
    requiredClaims: ['exp', 'jti'],
    clockTolerance: SKEW_SECONDS,
    currentDate: now,
  };
  const payload = await payloadOf(assertion, jwks, options);
  const { jti, exp } = payload ?? {};
  if (typeof jti !== 'string' || jti === '' || jti.length > LONGEST_JTI || exp === undefined) return undefined;
  if (exp - now.getTime() / 1000 > LONGEST_SECONDS + SKEW_SECONDS) return undefined;
  return { jti, expiresAt: new Date((exp + 2 * SKEW_SECONDS) * 1000) };
}

async function payloadOf(
  assertion: string,
  jwks: JSONWebKeySet,
  options: NonNullable<Parameters<typeof jwtVerify>[2]>,
): Promise<JWTPayload | undefined> {
  try {
    return (await jwtVerify(assertion, createLocalJWKSet(jwks), options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return refused(error);
    // Without a kid, any of the client's keys of that kind may be the one.
    for await (const key of error) {
      try {
        return (await jwtVerify(assertion, key, options)).payload;
      } catch (other) {
        refused(other);
      }
    }
    return undefined;
  }
}

/** What is wrong with the assertion is a refusal; anything else is a fault of ours. */
function refused(error: unknown): undefined {
  if (!(error instanceof errors.JOSEError)) throw error;
  return undefined;
}
