import { DOMParser, XMLSerializer } from '@xmldom/xmldom';
import fc from 'fast-check';
import type { Signs } from '../support/test-idp.js';
import { Judge } from './judge.js';

/** Signature wrapping (XSW 1-10): the signed element is moved, an evil copy takes its place. None may ever yield the evil name. */

let judge: Judge;
beforeAll(async () => {
  judge = await Judge.make();
});

interface Parts {
  readonly document: Document;
  readonly response: Element;
  readonly assertion: Element;
  /** The signature of the response, or else of the assertion. */
  readonly signature: Element;
  readonly evil: (element: Element, id: string) => Element;
}

type Wrapping = (parts: Parts, newId: boolean) => Element | void;

const WRAPPINGS: Readonly<Record<string, Wrapping>> = {
  XSW1: ({ document, response, signature, evil }) => {
    const root = evil(response, '_evil');
    const moved = without(response.cloneNode(true) as Element);
    const kept = signature.cloneNode(true);
    kept.appendChild(moved);
    root.insertBefore(kept, root.firstChild);
    document.replaceChild(root, response);
  },
  XSW2: ({ document, response, signature, evil }) => {
    const root = evil(response, '_evil');
    root.insertBefore(signature.cloneNode(true), root.firstChild);
    root.insertBefore(without(response.cloneNode(true) as Element), root.firstChild);
    document.replaceChild(root, response);
  },
  XSW3: ({ response, assertion, evil }, newId) => {
    response.insertBefore(evil(assertion, newId ? '_evil' : idOf(assertion)), assertion);
  },
  XSW4: ({ response, assertion, evil }, newId) => {
    const wrapper = evil(assertion, newId ? '_evil' : idOf(assertion));
    response.replaceChild(wrapper, assertion);
    wrapper.appendChild(assertion);
  },
  XSW5: ({ response, assertion, signature, evil }, newId) => {
    const wrapper = evil(assertion, newId ? '_evil' : idOf(assertion));
    wrapper.insertBefore(signature.cloneNode(true), wrapper.firstChild);
    response.appendChild(without(assertion.cloneNode(true) as Element));
    response.replaceChild(wrapper, assertion);
  },
  XSW6: ({ response, assertion, signature, evil }, newId) => {
    const wrapper = evil(assertion, newId ? '_evil' : idOf(assertion));
    const kept = signature.cloneNode(true);
    kept.appendChild(without(assertion.cloneNode(true) as Element));
    wrapper.insertBefore(kept, wrapper.firstChild);
    response.replaceChild(wrapper, assertion);
  },
  XSW7: ({ document, response, assertion, evil }, newId) => {
    const extensions = document.createElementNS('urn:oasis:names:tc:SAML:2.0:protocol', 'samlp:Extensions');
    extensions.appendChild(evil(assertion, newId ? '_evil' : idOf(assertion)));
    response.insertBefore(extensions, response.firstChild);
  },
  XSW8: ({ document, response, assertion, signature, evil }, newId) => {
    const wrapper = evil(assertion, newId ? '_evil' : idOf(assertion));
    const kept = signature.cloneNode(true);
    const object = document.createElementNS('http://www.w3.org/2000/09/xmldsig#', 'ds:Object');
    object.appendChild(without(assertion.cloneNode(true) as Element));
    kept.appendChild(object);
    wrapper.insertBefore(kept, wrapper.firstChild);
    response.replaceChild(wrapper, assertion);
  },
  XSW9: ({ document, response, assertion, signature, evil }) => {
    const info = signature.getElementsByTagName('ds:SignedInfo')[0]!;
    signature.insertBefore(info.cloneNode(true), info);
    const wrapper = document.createElement('Wrapper');
    wrapper.appendChild(assertion.cloneNode(true));
    response.appendChild(wrapper);
    response.replaceChild(evil(assertion, '_evil'), assertion);
  },
  XSW10: ({ document, response, assertion, signature, evil }) => {
    const kept = signature.cloneNode(true);
    const object = document.createElementNS('http://www.w3.org/2000/09/xmldsig#', 'ds:Object');
    object.appendChild(assertion.cloneNode(true));
    kept.appendChild(object);
    response.insertBefore(kept, response.firstChild);
    response.replaceChild(evil(assertion, `${idOf(assertion)}ffff`), assertion);
  },
};

const SIGNS: readonly Signs[] = ['assertion', 'response', 'both'];
const MATRIX = Object.keys(WRAPPINGS).flatMap((name) =>
  SIGNS.flatMap((signs) => [true, false].map((newId) => ({ name, signs, newId }))),
);

describe('signature wrapping', () => {
  it.each(MATRIX)('$name, $signs signed, new ID $newId', async ({ name, signs, newId }) => {
    const verdict = await judge.judge(wrap(judge.response({ signs }), WRAPPINGS[name]!, newId));
    expect(typeof verdict).toBe('string');
  });

  it('mutants of a good answer never yield another name than the signed one', async () => {
    const xml = judge.response({ signs: 'assertion' });
    const position = fc.nat(xml.length - 1);
    const piece = fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.constantFrom('<', '>', '"', '&', '<!---->', '<x/>', 'eve@example.com', '&#0;', '</saml:NameID>'),
    );
    await fc.assert(
      fc.asyncProperty(position, fc.nat(40), piece, async (start, length, inserted) => {
        const mutant = xml.slice(0, start) + inserted + xml.slice(start + length);
        const started = performance.now();
        const verdict = await judge.judge(mutant);
        expect(performance.now() - started).toBeLessThan(5000);
        if (typeof verdict !== 'string') expect(verdict.nameId.value).toBe('ada@example.com');
      }),
      { numRuns: 400 },
    );
  });
});

function wrap(xml: string, wrapping: Wrapping, newId: boolean): string {
  const document = new DOMParser().parseFromString(xml, 'text/xml');
  const response = document.documentElement;
  const assertion = child(response, 'Assertion')!;
  const signature = (child(response, 'Signature') ?? child(assertion, 'Signature'))!;
  const evil = (element: Element, id: string): Element => {
    const copy = element.cloneNode(true) as Element;
    for (const one of [copy, child(copy, 'Assertion')]) if (one) without(one);
    copy.setAttribute('ID', id);
    for (const name of Array.from(copy.getElementsByTagName('saml:NameID'))) name.textContent = 'eve@example.com';
    return copy;
  };
  wrapping({ document, response, assertion, signature, evil }, newId);
  const wrapped = new XMLSerializer().serializeToString(document);
  expect(wrapped).toContain('eve@example.com');
  return wrapped;
}

const idOf = (element: Element): string => element.getAttribute('ID')!;

function child(element: Element, name: string): Element | undefined {
  for (let node = element.firstChild; node; node = node.nextSibling) {
    if ((node as Element).localName === name) return node as Element;
  }
  return undefined;
}

/** Takes the element's own signature out. */
function without(element: Element): Element {
  const signature = child(element, 'Signature');
  if (signature) element.removeChild(signature);
  return element;
}
