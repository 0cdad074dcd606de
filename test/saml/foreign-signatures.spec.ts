import { describeWithXmlTools, signWithXmlsec } from '../support/xml-tools.js';
import { Judge } from './judge.js';

/**
 * Answers that somebody else signs, xmlsec1, written as libraries of others write them: Java's breaks base64 into lines that end with a
 * carriage return, which stands in XML as a reference.
 */

const ASSERTION = ['urn:oasis:names:tc:SAML:2.0:assertion', 'Assertion'] as const;
const RESPONSE = ['urn:oasis:names:tc:SAML:2.0:protocol', 'Response'] as const;
const XMLENC = 'http://www.w3.org/2001/04/xmlenc#';
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const INCLUSIVE = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

interface Style {
  readonly c14n?: string;
  readonly hash?: '256' | '512';
  readonly prefixList?: string;
}

const template = (id: string, { c14n = EXCLUSIVE, hash = '256', prefixList }: Style) => {
  const prefixes =
    prefixList === undefined ? '' : `<ec:InclusiveNamespaces xmlns:ec="${EXCLUSIVE}" PrefixList="${prefixList}"/>`;
  return (
    `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${c14n}"/>` +
    `<ds:SignatureMethod Algorithm="${MORE}rsa-sha${hash}"/><ds:Reference URI="#${id}"><ds:Transforms>` +
    `<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="${c14n}">${prefixes}</ds:Transform>` +
    `</ds:Transforms><ds:DigestMethod Algorithm="${XMLENC}sha${hash}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>` +
    `<ds:SignatureValue/><ds:KeyInfo><ds:X509Data><ds:X509Certificate/></ds:X509Data></ds:KeyInfo></ds:Signature>`
  );
};

/** The lines of what is base64, as Java ends them. */
const likeJava = (xml: string): string =>
  xml.replace(/(<ds:(?:SignatureValue|X509Certificate)>)([^<]+)/g, (_all, tag: string, text: string) => {
    const lines = text.replace(/\s|&#(?:13|xD);/g, '').match(/.{1,76}/g)!;
    return tag + lines.join('&#13;\n');
  });

describeWithXmlTools('#1 an answer that xmlsec1 signed', () => {
  let judge: Judge;
  beforeAll(async () => {
    judge = await Judge.make();
  });

  /** `signs`: unsigned, with templates in it, signed from the inside to the outside. */
  function signed(signs: 'assertion' | 'response' | 'both', style: Style, shape = (xml: string) => xml): string {
    let xml = shape(judge.response({ signs: 'none', assertionId: '_a1', responseId: '_r1', nameId: 'ada' }));
    const put = (name: string, id: string) => {
      xml = xml.replace(
        new RegExp(`(<\\w+:${name}\\s[^>]*>\\s*<saml:Issuer>[^<]*</saml:Issuer>)`),
        `$1${template(id, style)}`,
      );
      const xpath = `//*[local-name()='${name}']/*[local-name()='Signature']`;
      xml = likeJava(signWithXmlsec(xml, judge.key, xpath, [ASSERTION, RESPONSE]));
    };
    if (signs !== 'response') put('Assertion', '_a1');
    if (signs !== 'assertion') put('Response', '_r1');
    return xml;
  }

  const STYLES: Readonly<Record<string, Style>> = {
    'exclusive canonicalisation': {},
    'inclusive canonicalisation': { c14n: INCLUSIVE },
    'SHA-512': { hash: '512' },
    'a list of prefixes': { prefixList: 'xs saml' },
  };
  const CASES = Object.entries(STYLES).flatMap(([how, style]) =>
    (['assertion', 'response', 'both'] as const).map((signs) => ({ how, style, signs })),
  );

  it.each(CASES)('($signs) by $how is read', async ({ style, signs }) => {
    const types = 'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
    const xml = signed(signs, style, (plain) =>
      plain.replaceAll('<saml:AttributeValue>', `<saml:AttributeValue ${types} xsi:type="xs:string">`),
    );
    expect(xml).toMatch(/&#(?:13|xD);/);
    expect(await judge.judge(xml, { wantSigned: signs })).toMatchObject({ nameId: { value: 'ada' } });
  });

  it.each(['assertion', 'response', 'both'] as const)(
    '(%s) with line breaks and references in what is signed is read as it was meant',
    async (signs) => {
      const value =
        '<saml:AttributeStatement>\n  <saml:Attribute Name="a">\r\n<saml:AttributeValue>x&#13;y&#xA0;&amp;</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>';
      const xml = signed(signs, {}, (plain) =>
        plain
          .replace(/<saml:AttributeStatement>.*<\/saml:AttributeStatement>/s, value)
          .replace('<samlp:Status>', '\n  <samlp:Status>'),
      );
      const verdict = await judge.judge(xml, { wantSigned: signs });
      if (typeof verdict === 'string') throw new Error(verdict);
      // A carriage return is white space, whichever of its spellings a parser gives.
      expect(verdict.attributes.get('a')!.values.map((text) => text.replaceAll('\r', '\n'))).toEqual(['x\ny\u00a0&']);
    },
  );
});
