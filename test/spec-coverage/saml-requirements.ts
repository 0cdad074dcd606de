import { parseRequirements } from './requirements.js';

/** What an answer of an IdP is put through: number, level, subject, sentence. */
export const SAML_REQUIREMENTS = parseRequirements(`
#1  | accepts | happy path        | A sign-in that begins here ends in a new session on the path of ours that was asked for, with the response, the assertion, both or an encrypted assertion signed.
#2  | refuses | wrapping          | XSW 1 to 10, with the response, the assertion or both signed, with the same and a new ID: the evil name is never read.
#3  | refuses | trust             | No signature, a stripped or empty one, a key that the answer brings along, a public key used as HMAC secret, the key of another tenant or one for encryption only; without a certificate nobody signs in.
#4  | refuses | signature shapes  | Two DigestValue or SignedInfo (CVE-2025-29774, 29775), an Object in the signature, references that are empty, relative, external or XPointers, three transforms, XSLT, canonicalisation with comments.
#5  | refuses | text              | Comments, processing instructions, CDATA and elements in NameID, Issuer, Audience and AttributeValue: refused, never cut.
#6  | refuses | document type     | A document type, with or without entities, before anything is read of it; nothing it names is fetched.
#7  | refuses | algorithms        | SHA-1 in signatures and digests, and MD5; the operator reads what was got and what is wanted.
#8  | refuses | replay            | One after the other, many at once on two processes, in another envelope, in another base64: one session.
#9  | judges  | time              | Every instant just inside and just outside of the clock skew; missing and malformed ones; a confirmation with NotBefore.
#10 | refuses | audience          | Another, none, another case, a second restriction that does not hold, the name of another tenant.
#11 | refuses | addresses         | Recipient and Destination of another tenant, of http, with a slash, of another port, empty; none in a signed response.
#12 | refuses | issuer            | Another Issuer of the response or of the assertion, or two that differ.
#13 | refuses | tenants           | What the IdP of one organization asserts is never anybody of another one; two IdPs of one name are two.
#14 | refuses | InResponseTo      | Unknown, of another tenant or browser, consumed, expired, differing, or only on the wrapper that nobody signed.
#15 | judges  | IdP-initiated     | Refused unless the connection allows it; then fresh and once, and with a question where somebody else is signed in.
#16 | refuses | confirmation      | None, sender-vouches, holder-of-key only, an expired bearer beside a valid holder-of-key.
#17 | refuses | status            | Any status but Success, with an assertion or without; what the IdP says of it is never on a page.
#18 | refuses | foreign elements  | Subject, NameID, Conditions and AttributeStatement of another namespace, two Subjects or Issuers, version 1.1; attributes called nameID, __proto__ and constructor mean nothing.
#19 | judges  | RelayState        | Whatever it holds, nobody is led away from here.
#20 | limits  | load              | 1 MB, 20,000 siblings, 10,000 levels, 3,000 attributes, and what stays just under the limits: other requests do not wait.
#21 | judges  | encryption        | Every fault of a cipher reads the same; only allowed algorithms; what is inside is signed; two keys while one follows the other.
#22 | judges  | single logout     | A signed logout ends the sessions it names and no others; forged, replayed, stale or foreign ones end none.
#23 | judges  | metadata          | What real IdPs publish is read, kept up to date and never fetched from inside.
#24 | judges  | linking           | Nobody becomes somebody else by an e-mail address; groups that are not sent stay; who was removed stays out.
#25 | sends   | our output        | Requests and metadata are valid, signed and from the configured address; cookies, headers and logs give nothing away.
`);
