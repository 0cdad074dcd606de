/** What was in an encrypted assertion, as a document of its own: as strange as any until its signature, or the one around it, is verified. */
import { NS } from './names.js';
import { guardName } from './prescan.js';
import { isRejection, type SamlRejection } from './saml-rejection.js';
import { SignatureScan } from './scan-signatures.js';
import { refuse, scanXml, type OpenElement, type ScanLimits, type ScanVisitor } from './scan-xml.js';

/** Is it signed itself? */
export function scanAssertion(xml: string, limits: ScanLimits): { readonly signed: boolean } | SamlRejection {
  const scan = new AssertionScan();
  const fault = scanXml(xml, limits, scan);
  if (fault) return fault;
  try {
    return { signed: scan.isSigned() };
  } catch (error) {
    if (isRejection(error)) return error;
    throw error;
  }
}

class AssertionScan implements ScanVisitor {
  private readonly signatures = new SignatureScan(({ depth }) => depth === 0, 'the Assertion');

  open(element: OpenElement): void {
    guardName(element);
    const { name, uri, parent } = element;
    if (!parent) return this.inspectRoot(element);
    if (name === 'Response' || name === 'Assertion') refuse('structure', 'what is in the assertion', name);
    if (uri === NS.assertion && /^Encrypted/.test(name))
      refuse('encryption-not-supported', `${name} in an assertion; encrypt the whole assertion instead`);
    this.signatures.open(element);
  }

  /** At the end of the document. */
  isSigned(): boolean {
    this.signatures.finish();
    return !this.signatures.none;
  }

  private inspectRoot({ name, uri, attributes }: OpenElement): void {
    if (name !== 'Assertion' || uri !== NS.assertion) refuse('structure', 'what was encrypted', `{${uri}}${name}`);
    if (!attributes.get('ID')) refuse('structure', 'ID of the assertion');
  }
}
