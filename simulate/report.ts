import type { Difference } from './compare/difference.js';
import type { Problem } from './protocol/problems.js';

/** What a run gave; `--json` prints it as it is. */
export interface Report {
  readonly client: string;
  readonly base: string;
  readonly seed: number;
  /** The server is what the directory is. */
  readonly equal: boolean;
  readonly directory: DirectoryFigures;
  readonly seconds: number;
  /** Without the comparison. */
  readonly requests: { readonly count: number; readonly perSecond: number; readonly kinds: readonly KindFigures[] };
  readonly retries: Readonly<Record<'lostAnswers' | 'throttled' | 'serverErrors' | 'brokenConnections', number>>;
  /** Accounts that met another one of their name, as they should. */
  readonly conflicts: number;
  /** What the server refused or failed although the client had to be able to do it; `first` of `count`. */
  readonly problems: { readonly count: number; readonly first: readonly Problem[] };
  readonly differences: { readonly count: number; readonly first: readonly Difference[] };
  /** What is at the server and not of this run; left alone. */
  readonly foreign: { readonly users: number; readonly groups: number };
}

export interface DirectoryFigures {
  readonly users: number;
  readonly active: number;
  readonly groups: number;
  readonly memberships: number;
}

export interface KindFigures {
  readonly kind: string;
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const number = (value: number): string => value.toLocaleString('en');
const milliseconds = (value: number): string => value.toFixed(1);

export function toText(report: Report): string {
  const { directory, requests, retries, conflicts, problems, differences, foreign } = report;
  const lines = [
    `${report.client}, seed ${report.seed}: ${number(directory.users)} users (${number(directory.active)} active), ` +
      `${number(directory.groups)} groups, ${number(directory.memberships)} memberships`,
    `${number(requests.count)} requests in ${report.seconds.toFixed(1)} s, ${number(Math.round(requests.perSecond))} a second`,
    '',
    table(
      ['request', 'count', 'p50 ms', 'p99 ms', 'max ms'],
      requests.kinds.map(({ kind, count, p50, p99, max }) => [
        kind,
        number(count),
        ...[p50, p99, max].map(milliseconds),
      ]),
    ),
    '',
    `asked again: ${number(retries.lostAnswers)} lost answers, ${number(retries.throttled)} throttled, ` +
      `${number(retries.serverErrors)} server errors, ${number(retries.brokenConnections)} broken connections`,
    `accounts that met another one of their name: ${number(conflicts)}`,
  ];
  if (foreign.users + foreign.groups > 0) {
    lines.push(`not of this run, left alone: ${number(foreign.users)} users, ${number(foreign.groups)} groups`);
  }
  if (problems.count > 0) lines.push('', ...problemLines(problems));
  lines.push('', ...differenceLines(differences));
  return lines.join('\n');
}

function problemLines({ count, first }: Report['problems']): string[] {
  const rows = first.map(({ doing, subject, status, detail }) => [doing, subject, String(status), detail]);
  return [
    `${number(count)} problems${ofMany(count, first.length)}:`,
    table(['doing', 'for', 'status', 'detail'], rows),
  ];
}

function differenceLines({ count, first }: Report['differences']): string[] {
  if (count === 0) return ['The server is what the directory is: no differences.'];
  const rows = first.map(({ resource, name, kind, attribute, expected, found, id }) => [
    resource,
    name,
    attribute === undefined ? kind : `${kind}: ${attribute}`,
    expected ?? '',
    found ?? '',
    id ?? '',
  ]);
  return [
    `${number(count)} differences${ofMany(count, first.length)}:`,
    table(['', 'name', 'difference', 'directory', 'server', 'id at the server'], rows),
  ];
}

const ofMany = (count: number, shown: number): string => (shown < count ? `, the first ${number(shown)}` : '');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const isFigure = (column: number) => rows.length > 0 && rows.every((row) => /^[\d.,]+$/.test(row[column]!));
  const figures = head.map((_, column) => isFigure(column));
  return all
    .map((row) =>
      row
        .map((cell, column) => (figures[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
