import { readAnswerForm } from '../../src/saml/read-answer-form.js';
import { isRejection } from '../../src/saml/protocol/saml-rejection.js';

const reasonOf = (body: string): string | undefined => {
  const read = readAnswerForm(body);
  return isRejection(read) ? `${read.reason}: ${read.detail.check}` : undefined;
};

describe('the form of an answer', () => {
  it('has the answer and what came with the question', () => {
    expect(readAnswerForm('SAMLResponse=a%2Bb&RelayState=c+d&SigAlg=x')).toEqual({
      samlResponse: 'a+b',
      relayState: 'c d',
    });
    expect(readAnswerForm('RelayState=%3D&SAMLResponse=x')).toEqual({ samlResponse: 'x', relayState: '=' });
  });

  it.each([
    ['SAMLResponse=a&SAMLResponse=a'],
    ['SAMLResponse=a&%53AMLResponse=b'],
    ['SAMLResponse=a&RelayState=x&RelayState=y'],
    ['SAMLResponse=a&SAMLResponse'],
    ['x&x'],
  ])('has every parameter once, not %s', (body) => {
    expect(reasonOf(body)).toBe('response-malformed: parameters come once');
  });

  it.each([['%00=x'], ['SAMLResponse=a&%0a=x'], ['SAMLResponse=a&%C2%85=x&x']])('has plain names, not %s', (body) => {
    expect(reasonOf(body)).toBe('response-malformed: names of parameters are plain');
  });

  it.each([['?SAMLResponse=a'], ['x=1&?SAMLResponse=a'], ['samlresponse=a'], ['SAMLResponse='], ['']])(
    'has the answer under its name, not %j',
    (body) => {
      expect(reasonOf(body)).toBe('response-malformed: SAMLResponse');
    },
  );

  it('#20 of a hundred thousand parameters is refused at the eleventh', () => {
    const body = Array.from({ length: 100_000 }, (_, index) => index.toString(36)).join('&');
    const times = [1, 2, 3].map(() => {
      const started = performance.now();
      expect(reasonOf(body)).toBe('response-malformed: number of parameters');
      return performance.now() - started;
    });
    expect(Math.min(...times)).toBeLessThan(50);
  });
});
