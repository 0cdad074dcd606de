/** Comma-separated values (RFC 4180), read and written. */

export class CsvFault extends Error {}

/** Rows of fields; lines without any text are left out. Throws CsvFault. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /[ \t]*"((?:[^"]|"")*)"[ \t]*(,|\r?\n|$)|([^",\r\n]*)(,|\r?\n|$)/y;
  const source = text.replace(/^\uFEFF/, '');
  while (field.lastIndex < source.length || row.length > 0) {
    const found = field.exec(source);
    if (!found) throw new CsvFault(`line ${rows.length + 1} is no CSV: a quote stands in the wrong place`);
    const [, quoted, endOfQuoted, plain, endOfPlain] = found;
    row.push(quoted === undefined ? (plain ?? '').trim() : quoted.replaceAll('""', '"'));
    if ((endOfQuoted ?? endOfPlain) === ',') continue;
    if (row.some((value) => value !== '')) rows.push(row);
    row = [];
  }
  return rows;
}

/** What a spreadsheet would run as a formula is written as text: names come from people, and operators open this file. */
const FORMULA = /^[=+\-@\t\r]/;

export const toCsv = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map(toField).join(',')}\r\n`).join('');

function toField(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
