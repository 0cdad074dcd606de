/**
 * Whether the name of an attribute says that it holds a credential. Directories of people are read by many; secrets belong to the
 * identity provider, and the IPSIE profile forbids them in extension schemas.
 */

const WORDS: ReadonlySet<string> = new Set(
  (
    'password passwords passwd passwds pwd passphrase passphrases passcode passcodes secret secrets credential credentials ' +
    'token tokens pin pins otp totp hotp'
  ).split(' '),
);
const INSIDE = /password|passwd|passphrase|apikey|privatekey|accesskey|secretkey|recoverycode|securityanswer/;

export function isCredential(name: string): boolean {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];
  const lower = words.map((word) => word.toLowerCase());
  return lower.some((word) => WORDS.has(word)) || INSIDE.test(lower.join(''));
}
