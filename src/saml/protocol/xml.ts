/** Reading verified XML: children by namespace and name, texts that are nothing but text. */
import { DOMParser } from '@xmldom/xmldom';

/** The document's root; undefined for what is not well-formed. Only for bytes that were verified or scanned before. */
export function parseXml(xml: string): Element | undefined {
  let broken = false;
  const fail = () => {
    broken = true;
  };
  try {
    const parser = new DOMParser({ errorHandler: { warning: fail, error: fail, fatalError: fail } });
    const document = parser.parseFromString(xml, 'text/xml');
    return broken ? undefined : (document.documentElement ?? undefined);
  } catch {
    return undefined;
  }
}

export function childrenOf(element: Element): Element[] {
  const children: Element[] = [];
  for (let node = element.firstChild; node; node = node.nextSibling) {
    if (node.nodeType === 1) children.push(node as Element);
  }
  return children;
}

export const named = (element: Element, namespace: string, name: string): Element[] =>
  childrenOf(element).filter((child) => is(child, namespace, name));

export const is = (element: Element, namespace: string, name: string): boolean =>
  element.namespaceURI === namespace && element.localName === name;

/** The text of an element that has no child elements; undefined where it has. */
export function textOf(element: Element): string | undefined {
  return childrenOf(element).length > 0 ? undefined : (element.textContent ?? '');
}

/** An attribute without namespace; undefined when absent. */
export const attributeOf = (element: Element, name: string): string | undefined =>
  element.hasAttribute(name) ? (element.getAttribute(name) ?? undefined) : undefined;

const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?Z$/;

/** "All SAML time values have the type xs:dateTime ... and MUST be expressed in UTC form" (SAML 2.0 core, section 1.3.3). */
export function parseInstant(text: string | undefined): Date | undefined {
  if (text === undefined || !INSTANT.test(text)) return undefined;
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}
