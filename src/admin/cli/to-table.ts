/** An answer of the admin API for people: a table for a page, lines of name and value for one thing. */
export function toTable(answer: unknown): string {
  if (isPage(answer)) {
    const rows = answer.items.map((item) => scalarsOf(item));
    const more = answer.next === null ? [] : ['', `More: --after ${answer.next}`];
    return [...(rows.length === 0 ? ['Nothing.'] : tableOf(rows)), ...more].join('\n');
  }
  if (isObject(answer)) return linesOf(answer, '').join('\n');
  return answer === undefined ? 'Done.' : JSON.stringify(answer);
}

interface Page {
  readonly items: readonly object[];
  readonly next: string | null;
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPage = (value: unknown): value is Page =>
  isObject(value) && 'items' in value && Array.isArray(value.items) && 'next' in value;

/** Values of one word; lists of such are joined, everything deeper is left to `get` and `--json`. */
function scalarsOf(item: object): Record<string, string> {
  const shown = Object.entries(item).flatMap(([name, value]): [string, string][] => {
    if (value === null) return [[name, '-']];
    if (Array.isArray(value)) return value.every((one) => !isObject(one)) ? [[name, value.join(', ')]] : [];
    return isObject(value) ? [] : [[name, String(value)]];
  });
  return Object.fromEntries(shown);
}

function tableOf(rows: readonly Record<string, string>[]): string[] {
  const names = Object.keys(rows[0]!);
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => (row[name] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index]!))
      .join('  ')
      .trimEnd();
  return [line(names), ...rows.map((row) => line(names.map((name) => row[name] ?? '')))];
}

function linesOf(value: object, indent: string): string[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    if (isObject(inner)) return [`${indent}${name}:`, ...linesOf(inner, `${indent}  `)];
    if (Array.isArray(inner) && inner.some(isObject)) {
      const items = inner.flatMap((item) => ['', ...linesOf(item as object, `${indent}  `)]);
      return [`${indent}${name}:`, ...items];
    }
    return [`${indent}${name}: ${plain(inner)}`];
  });
}

/** A value of one word, or a list of such. */
function plain(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
