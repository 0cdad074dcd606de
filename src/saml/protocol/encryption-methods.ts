/** Which encryption of assertions is taken (XML Encryption 1.1, section 5). */

const GCM = ['aes256-gcm', 'aes192-gcm', 'aes128-gcm'].map((name) => `http://www.w3.org/2009/xmlenc11#${name}`);
const CBC = ['aes256-cbc', 'aes192-cbc', 'aes128-cbc'].map((name) => `http://www.w3.org/2001/04/xmlenc#${name}`);
const OAEP = ['http://www.w3.org/2009/xmlenc11#rsa-oaep', 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p'];

/** What metadata offers. CBC says nothing of who wrote the text: only where the response around it is signed, and that comes first. */
export const encryptionMethods = (wantSigned: 'assertion' | 'response' | 'both' | 'either'): readonly string[] => [
  ...GCM,
  ...(wantSigned === 'response' || wantSigned === 'both' ? CBC : []),
  ...OAEP,
];
