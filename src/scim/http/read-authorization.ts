/**
 * The token in an Authorization header: `Bearer <token>` with the scheme in any case (RFC 9110 section 11.1), or the bare token, which
 * is what Okta's header mode sends. undefined: no token, or another scheme.
 */
export function readAuthorization(header: string | undefined): string | undefined {
  const parts = header?.trim().split(/[ \t]+/) ?? [];
  const [first, second] = parts;
  if (parts.length === 2 && first!.toLowerCase() === 'bearer') return second;
  return parts.length === 1 && first !== '' && first!.toLowerCase() !== 'bearer' ? first : undefined;
}
