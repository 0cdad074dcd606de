import { isUtf8 } from 'node:buffer';
import { AdminProblem } from './admin-problem.js';

/** Deeper than any body of this door. */
const MOST_DEPTH = 16;

const malformed = (detail: string) => new AdminProblem(400, 'malformed', detail);

/** A JSON body as an object. Throws AdminProblem. */
export function parseJsonBody(bytes: Buffer): object {
  const body = parse(textOf(bytes));
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw malformed('The body must be a JSON object.');
  checkDepth(body);
  return body;
}

/** An XML body as the field it stands for. Throws AdminProblem. */
export const parseMetadataBody = (bytes: Buffer): { metadataXml: string } => ({ metadataXml: textOf(bytes) });

function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw malformed('The body is not valid UTF-8.');
  return bytes.toString('utf8').replace(/^\ufeff/, '');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the parser's message, which quotes the body: a secret may stand there.
    throw malformed('The body is not valid JSON.');
  }
}

/** Without recursion: what comes after, which recurses, meets no depth that could hurt it. */
function checkDepth(body: object): void {
  let level: object[] = [body];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MOST_DEPTH) throw malformed(`The body is nested deeper than ${MOST_DEPTH} levels.`);
    level = level
      .flatMap((container) => Object.values(container) as unknown[])
      .filter((value): value is object => typeof value === 'object' && value !== null);
  }
}
